/*-------------------------------------------------------------------------
 *
 * action_json.c
 *		Requests and answers of the AWS JSON protocol: reading and writing.
 *
 * A request is read by a table of the members that it may have.  All of it is
 * read before anything is done, so that a request which is malformed anywhere
 * has no effect.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "action_json.h"
#include "characters.h"
#include "report.h"

/* The members of a message attribute; the lists are refused elsewhere */
static const ActionMember attribute_members[] = {
	{"DataType", MEMBER_STRING, false},
	{"StringValue", MEMBER_STRING, false},
	{"BinaryValue", MEMBER_STRING, false},
	{"StringListValues", MEMBER_STRINGS, false},
	{"BinaryListValues", MEMBER_STRINGS, false}
};

pg_noreturn static void report_kind(const ActionMember *member, const JsonbValue *value,
									const char *wanted);

/*
 * Report a member that is not of its kind.  value is what is wrong with it, the
 * member or a part of it, and wanted what that should be.
 */
static void
report_kind(const ActionMember *member, const JsonbValue *value, const char *wanted)
{
	static const char *const kinds[] = {
		"a string", "an integer", "a list of strings", "an object of strings",
		"an object of message attributes", "a list of objects"
	};
	const char *problem;

	if (value->type == jbvBinary)
		problem = JsonContainerIsArray(value->val.binary.data) ?
			"Start of list found where not expected." :
			"Start of structure or map found where not expected.";
	else
		problem = psprintf("%s can not be converted to %s",
						   value->type == jbvString ? "STRING_VALUE" :
						   value->type == jbvNumeric ? "NUMBER_VALUE" :
						   value->type == jbvNull ? "NULL_VALUE" :
						   value->val.boolean ? "TRUE_VALUE" : "FALSE_VALUE",
						   wanted);
	ereport(ERROR,
			(sqs_errcode(SQS_SERIALIZATION),
			 errmsg("member %s of the request must be %s",
					member->name, kinds[member->kind]),
			 sqs_errdetail(SQS_SERIALIZATION, "%s", problem),
			 errhint("Requests are those of the AWS JSON protocol; sqs_send() and the other calls take shorter forms.")));
}

static bool
is_object(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

static text *
string_text(const JsonbValue *value)
{
	return cstring_to_text_with_len(value->val.string.val, value->val.string.len);
}

/*
 * A number as an integer of 32 bits.
 */
static int32
read_integer(const ActionMember *member, const JsonbValue *value)
{
	char	   *digits;
	char	   *end;
	int64		number;

	if (value->type != jbvNumeric)
		report_kind(member, value, "an Integer");
	digits = numeric_normalize(value->val.numeric);
	errno = 0;
	number = strtoll(digits, &end, 10);
	if (errno != 0 || *end != '\0' || number < PG_INT32_MIN || number > PG_INT32_MAX)
		report_kind(member, value, "an Integer");
	return (int32) number;
}

/*
 * The elements of a list, in a palloc'd array.
 */
static JsonbValue *
read_list(const ActionMember *member, const JsonbValue *value, int *count)
{
	JsonbContainer *list;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	element;
	JsonbValue *elements;

	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		report_kind(member, value, "a List");
	list = value->val.binary.data;
	elements = palloc(JsonContainerSize(list) * sizeof(JsonbValue));
	*count = 0;
	iterator = JsonbIteratorInit(list);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
	{
		if (token == WJB_ELEM)
			elements[(*count)++] = element;
	}
	return elements;
}

static ArrayType *
read_strings(const ActionMember *member, const JsonbValue *value)
{
	int			count;
	JsonbValue *elements = read_list(member, value, &count);
	Datum	   *strings = palloc(count * sizeof(Datum));

	for (int i = 0; i < count; i++)
	{
		if (elements[i].type != jbvString)
			report_kind(member, &elements[i], "a String");
		strings[i] = PointerGetDatum(string_text(&elements[i]));
	}
	return construct_array(strings, count, TEXTOID, -1, false, TYPALIGN_INT);
}

static List *
read_structures(const ActionMember *member, const JsonbValue *value)
{
	int			count;
	JsonbValue *elements = read_list(member, value, &count);
	List	   *structures = NIL;

	for (int i = 0; i < count; i++)
	{
		if (!is_object(&elements[i]))
			report_kind(member, &elements[i], "a Structure");
		structures = lappend(structures, elements[i].val.binary.data);
	}
	return structures;
}

/*
 * A map, whose values are checked.
 */
static Jsonb *
read_map(const ActionMember *member, JsonbValue *value)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	element;

	if (!is_object(value))
		report_kind(member, value, "a Map");
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
	{
		ActionValue values[lengthof(attribute_members)];

		if (token != WJB_VALUE)
			continue;
		if (member->kind == MEMBER_STRING_MAP)
		{
			if (element.type != jbvString)
				report_kind(member, &element, "a String");
			continue;
		}
		if (!is_object(&element))
			report_kind(member, &element, "a Structure");
		action_read(element.val.binary.data, attribute_members,
					lengthof(attribute_members), values);
	}
	return JsonbValueToJsonb(value);
}

/*
 * Read one member.
 */
static void
read_member(const ActionMember *member, JsonbValue *value, ActionValue *result)
{
	result->given = true;
	switch (member->kind)
	{
		case MEMBER_STRING:
			if (value->type != jbvString)
				report_kind(member, value, "a String");
			result->string = string_text(value);
			break;
		case MEMBER_INTEGER:
			result->integer = read_integer(member, value);
			break;
		case MEMBER_STRINGS:
			result->strings = read_strings(member, value);
			break;
		case MEMBER_STRING_MAP:
		case MEMBER_ATTRIBUTE_MAP:
			result->map = read_map(member, value);
			break;
		case MEMBER_STRUCTURES:
			result->structures = read_structures(member, value);
			break;
	}
}

/*
 * The place of a member in a table; -1 if it is not there.  Names are case
 * sensitive.
 */
static int
find_member(const JsonbValue *name, const ActionMember *members, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (characters_are(name->val.string.val, name->val.string.len, members[i].name))
			return i;
	}
	return -1;
}

/*
 * Read an object by a table of its members.  Others are ignored, as AWS does: a
 * newer client may know of more.
 */
void
action_read(JsonbContainer *object, const ActionMember *members, int count,
			ActionValue *values)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue	value;
	int			at = -1;

	memset(values, 0, count * sizeof(ActionValue));
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			at = find_member(&value, members, count);
		else if (token == WJB_VALUE && value.type != jbvNull && at >= 0)
			read_member(&members[at], &value, &values[at]);
	}
	for (int i = 0; i < count; i++)
	{
		if (members[i].required && !values[i].given)
			report_missing_parameter(members[i].name);
	}
}

/*
 * Write a comma, but for what comes first.
 */
static void
separate(StringInfo answer)
{
	if (answer->len > 0 && strchr("{[:", answer->data[answer->len - 1]) == NULL)
		appendStringInfoChar(answer, ',');
}

/*
 * Write a string as JSON has it.  Most have nothing in them to be escaped, and
 * are copied.
 */
static void
write_string(StringInfo answer, const char *string, Size length)
{
	const char *end = string + length;

	appendStringInfoChar(answer, '"');
	while (string < end)
	{
		const char *stop = string;

		while (stop < end && (unsigned char) *stop >= ' ' && *stop != '"' && *stop != '\\')
			stop++;
		appendBinaryStringInfo(answer, string, stop - string);
		if (stop < end && (*stop == '"' || *stop == '\\'))
		{
			appendStringInfoChar(answer, '\\');
			appendStringInfoChar(answer, *stop++);
		}
		else if (stop < end)
			appendStringInfo(answer, "\\u%04x", (unsigned char) *stop++);
		string = stop;
	}
	appendStringInfoChar(answer, '"');
}

void
action_begin(StringInfo answer, char bracket)
{
	separate(answer);
	appendStringInfoChar(answer, bracket);
}

void
action_end(StringInfo answer, char bracket)
{
	appendStringInfoChar(answer, bracket);
}

void
action_put_key(StringInfo answer, const char *key)
{
	separate(answer);
	write_string(answer, key, strlen(key));
	appendStringInfoChar(answer, ':');
}

void
action_put_element(StringInfo answer, const char *string)
{
	separate(answer);
	write_string(answer, string, strlen(string));
}

void
action_put_string(StringInfo answer, const char *key, const char *string)
{
	action_put_key(answer, key);
	write_string(answer, string, strlen(string));
}

void
action_put_text(StringInfo answer, const char *key, const text *string)
{
	action_put_key(answer, key);
	write_string(answer, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
}

void
action_put_integer(StringInfo answer, const char *key, int64 number)
{
	action_put_key(answer, key);
	appendStringInfo(answer, INT64_FORMAT, number);
}

void
action_put_boolean(StringInfo answer, const char *key, bool boolean)
{
	action_put_key(answer, key);
	appendStringInfoString(answer, boolean ? "true" : "false");
}

/*
 * Write a map, unless it is empty.
 */
void
action_put_map(StringInfo answer, const char *key, Jsonb *map)
{
	if (JB_ROOT_COUNT(map) == 0)
		return;
	action_put_key(answer, key);
	(void) JsonbToCString(answer, &map->root, VARSIZE(map));
}
