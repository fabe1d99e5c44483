/*-------------------------------------------------------------------------
 *
 * payload.c
 *		The rules for what a sender hands over: body, message attributes,
 *		system attributes and group id.
 *
 * Sizes are in bytes of UTF-8 (characters.c), and they come first: nothing is
 * fetched from TOAST, converted or scanned before its length is known to fit,
 * so that a body of a gigabyte is refused for the price of reading its header.
 *
 * Message attributes come as AWS's map or in the shorthand of the SQL calls.
 * They are rebuilt as AWS's map while they are checked, so everybody behind
 * this file sees one form of them: DataType and the one value that fits it,
 * members of JSON null left out, base64 without line breaks.
 *
 * An error quotes names and ids, clipped, but never a body or a value.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "access/detoast.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "characters.h"
#include "identity.h"
#include "payload.h"
#include "report.h"

#define ATTRIBUTE_NAME_MAX 256	/* characters; Amazon SQS message metadata */
#define DATA_TYPE_MAX 256		/* characters; the same page */
#define NUMBER_DIGITS_MAX 38	/* significant ones; the same page */
#define NUMBER_MAGNITUDE_MIN (-128) /* powers of ten; the same page */
#define NUMBER_MAGNITUDE_MAX 126

#define TRACE_HEADER "AWSTraceHeader"

#define NAME_LENGTH "Message attribute names must be 1 to 256 characters long."

/* SQS's words */
#define INVALID_CHARACTERS \
	"Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"

/* The three data types; a custom label may follow, after a period */
typedef enum DataType
{
	DATA_TYPE_STRING,
	DATA_TYPE_NUMBER,
	DATA_TYPE_BINARY
} DataType;

static const char *const data_types[] = {"String", "Number", "Binary"};

/* One attribute as given; a member that is not given has type jbvNull */
typedef struct MessageAttribute
{
	JsonbValue	name;
	JsonbValue	data_type;
	JsonbValue	string_value;
	JsonbValue	binary_value;
} MessageAttribute;

/* How much a message has, and how much it may have, in bytes of UTF-8 */
typedef struct MessageSize
{
	int64		size;
	int32		maximum;
} MessageSize;

static char *
quotable_json(const JsonbValue *string)
{
	return characters_quotable(string->val.string.val, string->val.string.len);
}

/*
 * Report a message attribute that SQS refuses; reason is a sentence.
 */
static void
refuse_attribute(const JsonbValue *name, const char *reason)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg("message attribute \"%s\" is invalid", quotable_json(name)),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE, "%s", reason),
			 errhint("A message attribute is a string, a number, or {\"DataType\": \"String\", \"StringValue\": \"x\"}.")));
}

/*
 * Report a parameter that should be a JSON object and is something else.
 */
static void
refuse_map(const char *parameter)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg("parameter %s must be a JSON object", parameter),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
						   "%s maps names to attributes.", parameter),
			 errhint("For example: {\"Name\": \"value\"}.")));
}

/*
 * Report a message that is larger than its queue allows.  SQS says "shorter
 * than", although exactly that many bytes are allowed.
 */
static void
refuse_size(int32 maximum)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg("message is larger than the queue's maximum of %d bytes",
					maximum),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
						   "One or more parameters are invalid. Reason: Message must be shorter than %d bytes.",
						   maximum),
			 errhint("The body and the names, types and values of the message attributes count. The queue attribute MaximumMessageSize, at most %d, is the limit.",
					 MESSAGE_SIZE_MAX)));
}

/*
 * Count bytes of a message.
 */
static void
count_bytes(MessageSize *total, int64 bytes)
{
	total->size += bytes;
	if (total->size > total->maximum)
		refuse_size(total->maximum);
}

/*
 * Count a string of the database's encoding, and say whether its characters
 * are those that SQS allows.
 */
static bool
count_text(MessageSize *total, const char *string, Size length)
{
	Size		utf8_length;
	char	   *utf8;
	bool		allowed;

	if (total->size + characters_least_size(length) > total->maximum)
		refuse_size(total->maximum);
	utf8 = characters_to_utf8(string, length, &utf8_length);
	if (utf8 == NULL)
		return false;
	count_bytes(total, utf8_length);
	allowed = characters_allowed(utf8, utf8_length);
	if (utf8 != string)
		pfree(utf8);
	return allowed;
}

/*
 * Check and count a body, and return it out of TOAST.
 */
static text *
check_body(text *body, MessageSize *total)
{
	Size		length;

	length = body ? toast_raw_datum_size(PointerGetDatum(body)) - VARHDRSZ : 0;
	if (length == 0)
		report_missing_parameter("MessageBody");
	if (characters_least_size(length) > total->maximum)
		refuse_size(total->maximum);

	body = (text *) pg_detoast_datum_packed((struct varlena *) body);
	if (!count_text(total, VARDATA_ANY(body), VARSIZE_ANY_EXHDR(body)))
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_MESSAGE_CONTENTS),
				 errmsg("message body contains a character that is not allowed"),
				 sqs_errdetail(SQS_INVALID_MESSAGE_CONTENTS,
							   INVALID_CHARACTERS),
				 errhint("Encode binary data, with encode(data, 'base64') for one, or send it as a message attribute of type Binary.")));
	return body;
}

/*
 * Whether a JSON string begins with an ASCII prefix, in any case of letters.
 */
static bool
begins_with(const JsonbValue *string, const char *prefix)
{
	int			length = strlen(prefix);

	return string->val.string.len >= length &&
		pg_strncasecmp(string->val.string.val, prefix, length) == 0;
}

static bool
equals(const JsonbValue *string, const char *other)
{
	return characters_are(string->val.string.val, string->val.string.len, other);
}

/*
 * Check the name of a message attribute.  Beside what SQS documents it takes
 * the letters from U+00C0 to U+017F, of which SQS is known to take some.
 */
static void
check_name(const JsonbValue *name)
{
	Size		length = name->val.string.len;
	const unsigned char *utf8;
	int			characters = 0;
	bool		allowed;

	if (length == 0 || length > ATTRIBUTE_NAME_MAX * MAX_MULTIBYTE_CHAR_LEN)
		refuse_attribute(name, NAME_LENGTH);
	utf8 = (const unsigned char *) characters_to_utf8(name->val.string.val, length, &length);

	allowed = utf8 != NULL;
	for (Size i = 0; allowed && i < length; characters++)
	{
		if (!IS_HIGHBIT_SET(utf8[i]))
		{
			allowed = isalnum(utf8[i]) || strchr("_-.", utf8[i]) != NULL;
			i += 1;
		}
		else
		{
			/* C3 80 to C5 BF, without the signs of times and division */
			allowed = utf8[i] >= 0xC3 && utf8[i] <= 0xC5 &&
				!(utf8[i] == 0xC3 && (utf8[i + 1] == 0x97 || utf8[i + 1] == 0xB7));
			i += 2;
		}
	}

	if (!allowed)
		refuse_attribute(name, "Message attribute names can only include letters, digits, underscores, hyphens and periods.");
	if (characters > ATTRIBUTE_NAME_MAX)
		refuse_attribute(name, NAME_LENGTH);
	if (begins_with(name, "AWS.") || begins_with(name, "Amazon.") ||
		utf8[0] == '.' || utf8[length - 1] == '.')
		refuse_attribute(name, "Message attribute names must not begin with 'AWS.' or 'Amazon.' in any case of letters, nor begin or end with a period.");
}

/*
 * Check the data type of a message attribute, and say which it is.
 */
static DataType
check_data_type(const MessageAttribute *attribute)
{
	const JsonbValue *data_type = &attribute->data_type;

	if (data_type->type == jbvNull || data_type->val.string.len == 0)
		refuse_attribute(&attribute->name,
						 psprintf("The message attribute '%s' must contain a non-empty message attribute type.",
								  quotable_json(&attribute->name)));
	if (data_type->val.string.len > DATA_TYPE_MAX * MAX_MULTIBYTE_CHAR_LEN ||
		pg_mbstrlen_with_len(data_type->val.string.val, data_type->val.string.len) > DATA_TYPE_MAX)
		refuse_attribute(&attribute->name, "Message attribute types must be 1 to 256 characters long.");

	for (int i = 0; i < lengthof(data_types); i++)
	{
		int			length = strlen(data_types[i]);

		if (data_type->val.string.len >= length &&
			memcmp(data_type->val.string.val, data_types[i], length) == 0 &&
			(data_type->val.string.len == length ||
			 data_type->val.string.val[length] == '.'))
			return (DataType) i;
	}
	refuse_attribute(&attribute->name,
					 psprintf("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
							  quotable_json(&attribute->name)));
	return DATA_TYPE_STRING;	/* keep compiler quiet */
}

/*
 * Whether a string is a number as SQS allows it: decimal, perhaps with sign,
 * point and exponent; of 38 significant digits; 0, or 1e-128 to 1e126 without
 * regard to the sign.
 */
static bool
number_allowed(const char *string, int length)
{
	const char *p = string;
	const char *end = string + length;
	int64		digits = 0;		/* in all */
	int64		whole = -1;		/* before the point, once that was met */
	int64		first = -1;		/* the first digit that is not 0 */
	int64		last = -1;		/* and the last */
	char		first_digit = '0';
	int64		exponent = 0;
	int64		magnitude;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end && (isdigit((unsigned char) *p) || (*p == '.' && whole < 0)); p++)
	{
		if (*p == '.')
		{
			whole = digits;
			continue;
		}
		if (*p != '0')
		{
			last = digits;
			if (first < 0)
			{
				first = digits;
				first_digit = *p;
			}
		}
		digits++;
	}
	if (digits == 0)
		return false;
	if (whole < 0)
		whole = digits;

	if (p < end && (*p == 'e' || *p == 'E'))
	{
		bool		negative = false;

		p++;
		if (p < end && (*p == '-' || *p == '+'))
			negative = *p++ == '-';
		if (p == end)
			return false;
		for (; p < end && isdigit((unsigned char) *p); p++)
		{
			/* More than any string of digits could outweigh is enough. */
			if (exponent < PG_INT32_MAX)
				exponent = exponent * 10 + (*p - '0');
		}
		if (negative)
			exponent = -exponent;
	}
	if (p < end)
		return false;

	if (first < 0)
		return true;
	magnitude = whole - 1 - first + exponent;
	return last - first < NUMBER_DIGITS_MAX &&
		magnitude >= NUMBER_MAGNITUDE_MIN &&
		(magnitude < NUMBER_MAGNITUDE_MAX ||
		 (magnitude == NUMBER_MAGNITUDE_MAX && first == last && first_digit == '1'));
}

/*
 * Whether a JSON string is base64, and of how many bytes.  Line breaks, which
 * encode(data, 'base64') puts in, do not count; *breaks says how many there are.
 */
static bool
base64_allowed(const JsonbValue *string, int64 *bytes, int *breaks)
{
	int64		characters = 0;
	int			padding = 0;

	*breaks = 0;
	for (int i = 0; i < string->val.string.len; i++)
	{
		unsigned char c = string->val.string.val[i];

		if (c == '\n' || c == '\r')
		{
			(*breaks)++;
			continue;
		}
		characters++;
		if (c == '=')
			padding++;
		else if (padding > 0 || IS_HIGHBIT_SET(c) ||
				 !(isalnum(c) || c == '+' || c == '/'))
			return false;
	}
	*bytes = characters / 4 * 3 - padding;
	return characters > 0 && characters % 4 == 0 && padding <= 2;
}

/*
 * Take the line breaks out of a JSON string.
 */
static void
remove_breaks(JsonbValue *string, int breaks)
{
	char	   *result = palloc(string->val.string.len - breaks);
	int			length = 0;

	for (int i = 0; i < string->val.string.len; i++)
	{
		char		c = string->val.string.val[i];

		if (c != '\n' && c != '\r')
			result[length++] = c;
	}
	Assert(length == string->val.string.len - breaks);
	string->val.string.val = result;
	string->val.string.len = length;
}

/*
 * Check and count the value of a message attribute; the base64 of a binary
 * value loses its line breaks.
 */
static void
check_value(MessageAttribute *attribute, DataType type, MessageSize *total)
{
	JsonbValue *value = &attribute->string_value;
	JsonbValue *other = &attribute->binary_value;

	if (type == DATA_TYPE_BINARY)
	{
		value = &attribute->binary_value;
		other = &attribute->string_value;
	}

	if (other->type != jbvNull)
		refuse_attribute(&attribute->name,
						 psprintf("The message attribute '%s' with type '%s' must use field '%s'.",
								  quotable_json(&attribute->name), data_types[type],
								  type == DATA_TYPE_BINARY ? "BinaryValue" : "StringValue"));
	if (value->type == jbvNull || value->val.string.len == 0)
		refuse_attribute(&attribute->name,
						 psprintf("Message (user) attribute '%s' must contain a non-empty value of type '%s'.",
								  quotable_json(&attribute->name), data_types[type]));

	if (type == DATA_TYPE_BINARY)
	{
		int64		bytes;
		int			breaks;

		if (!base64_allowed(value, &bytes, &breaks))
			refuse_attribute(&attribute->name,
							 psprintf("The value of message attribute '%s' is not valid base64.",
									  quotable_json(&attribute->name)));
		count_bytes(total, bytes);
		if (breaks > 0)
			remove_breaks(value, breaks);
		return;
	}

	if (!count_text(total, value->val.string.val, value->val.string.len))
		refuse_attribute(&attribute->name, INVALID_CHARACTERS);
	if (type == DATA_TYPE_NUMBER &&
		!number_allowed(value->val.string.val, value->val.string.len))
		refuse_attribute(&attribute->name,
						 psprintf("The value of message attribute '%s' must be a number of at most %d significant digits, 0 or of a magnitude from 1e%d to 1e%d.",
								  quotable_json(&attribute->name), NUMBER_DIGITS_MAX,
								  NUMBER_MAGNITUDE_MIN, NUMBER_MAGNITUDE_MAX));
}

/*
 * Make a JSON string of a C string.
 */
static JsonbValue
json_string(const char *string)
{
	JsonbValue	value;

	value.type = jbvString;
	value.val.string.val = unconstify(char *, string);
	value.val.string.len = strlen(string);
	return value;
}

/*
 * Step to the next member of a JSON object; false at its end.
 */
static bool
next_member(JsonbIterator **iterator, JsonbValue *key, JsonbValue *value)
{
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(iterator, key, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			(void) JsonbIteratorNext(iterator, value, true);
			return true;
		}
	}
	return false;
}

/*
 * Read one attribute of a map: AWS's object, or the shorthand, a plain string
 * or number.
 */
static void
read_attribute(const JsonbValue *name, const JsonbValue *value,
			   MessageAttribute *attribute)
{
	JsonbIterator *iterator;
	JsonbValue	key;
	JsonbValue	member;

	attribute->name = *name;
	attribute->data_type.type = jbvNull;
	attribute->string_value.type = jbvNull;
	attribute->binary_value.type = jbvNull;

	if (value->type == jbvString)
	{
		attribute->data_type = json_string(data_types[DATA_TYPE_STRING]);
		attribute->string_value = *value;
		return;
	}
	if (value->type == jbvNumeric)
	{
		char	   *number;

		number = DatumGetCString(DirectFunctionCall1(numeric_out,
													 NumericGetDatum(value->val.numeric)));
		attribute->data_type = json_string(data_types[DATA_TYPE_NUMBER]);
		attribute->string_value = json_string(number);
		return;
	}
	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		refuse_attribute(name, "A message attribute must be an object with DataType and StringValue or BinaryValue, or, for short, a string or a number.");

	iterator = JsonbIteratorInit(value->val.binary.data);
	while (next_member(&iterator, &key, &member))
	{
		JsonbValue *target = NULL;

		if (member.type == jbvNull)
			continue;

		if (equals(&key, "DataType"))
			target = &attribute->data_type;
		else if (equals(&key, "StringValue"))
			target = &attribute->string_value;
		else if (equals(&key, "BinaryValue"))
			target = &attribute->binary_value;
		else if (equals(&key, "StringListValues") || equals(&key, "BinaryListValues"))
			ereport(ERROR,
					(sqs_errcode(SQS_UNSUPPORTED_OPERATION),
					 errmsg("message attribute \"%s\" has a list of values",
							quotable_json(name)),
					 sqs_errdetail(SQS_UNSUPPORTED_OPERATION,
								   "Message attribute list values are not supported."),
					 errhint("SQS reserves these members. Use StringValue or BinaryValue.")));
		else
			refuse_attribute(name,
							 psprintf("Unknown member '%s'; a message attribute has DataType and StringValue or BinaryValue.",
									  quotable_json(&key)));
		if (member.type != jbvString)
			refuse_attribute(name,
							 psprintf("The member '%s' must be a string.",
									  quotable_json(&key)));
		*target = member;
	}
}

/*
 * Check and count message attributes.  Returns them as AWS's map, with the
 * shorthand expanded; NULL if there are none.
 */
static Jsonb *
check_attributes(Jsonb *attributes, MessageSize *total)
{
	JsonbParseState *state = NULL;
	JsonbIterator *iterator;
	JsonbValue	name;
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(attributes))
		refuse_map("MessageAttributes");
	if (JB_ROOT_COUNT(attributes) == 0)
		return NULL;
	if (JB_ROOT_COUNT(attributes) > MESSAGE_ATTRIBUTES_MAX)
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
				 errmsg("message has %d message attributes, which is more than %d",
						(int) JB_ROOT_COUNT(attributes), MESSAGE_ATTRIBUTES_MAX),
				 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
							   "Number of message attributes [%d] exceeds the allowed maximum [%d].",
							   (int) JB_ROOT_COUNT(attributes), MESSAGE_ATTRIBUTES_MAX),
				 errhint("Put what belongs together into one attribute, or into the body.")));

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	iterator = JsonbIteratorInit(&attributes->root);
	while (next_member(&iterator, &name, &value))
	{
		MessageAttribute attribute;
		DataType	type;
		JsonbValue	key;

		check_name(&name);
		read_attribute(&name, &value, &attribute);
		type = check_data_type(&attribute);
		if (!count_text(total, name.val.string.val, name.val.string.len) ||
			!count_text(total, attribute.data_type.val.string.val,
						attribute.data_type.val.string.len))
			refuse_attribute(&name, "Message attribute types must not contain control characters.");
		check_value(&attribute, type, total);

		pushJsonbValue(&state, WJB_KEY, &name);
		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		key = json_string("DataType");
		pushJsonbValue(&state, WJB_KEY, &key);
		pushJsonbValue(&state, WJB_VALUE, &attribute.data_type);
		key = json_string(type == DATA_TYPE_BINARY ? "BinaryValue" : "StringValue");
		pushJsonbValue(&state, WJB_KEY, &key);
		pushJsonbValue(&state, WJB_VALUE,
					   type == DATA_TYPE_BINARY ? &attribute.binary_value : &attribute.string_value);
		pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/*
 * Check system attributes, of which SQS takes one.  Returns AWSTraceHeader;
 * NULL if it is not among them.
 */
static text *
check_system_attributes(Jsonb *attributes, int32 maximum)
{
	text	   *trace_header = NULL;
	JsonbIterator *iterator;
	JsonbValue	name;
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(attributes))
		refuse_map("MessageSystemAttributes");

	iterator = JsonbIteratorInit(&attributes->root);
	while (next_member(&iterator, &name, &value))
	{
		MessageAttribute attribute;
		MessageSize total = {0, maximum};	/* does not add to the message's */

		if (!equals(&name, TRACE_HEADER))
			ereport(ERROR,
					(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
					 errmsg("message system attribute \"%s\" is not supported",
							quotable_json(&name)),
					 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
								   "The only message system attribute is %s.",
								   TRACE_HEADER),
					 errhint("Attributes of your own go into message_attributes.")));
		read_attribute(&name, &value, &attribute);
		if (check_data_type(&attribute) != DATA_TYPE_STRING ||
			!equals(&attribute.data_type, data_types[DATA_TYPE_STRING]))
			refuse_attribute(&name, "The data type of " TRACE_HEADER " must be String.");
		check_value(&attribute, DATA_TYPE_STRING, &total);
		trace_header = cstring_to_text_with_len(attribute.string_value.val.string.val,
												attribute.string_value.val.string.len);
	}
	return trace_header;
}

/*
 * Check one message as its sender gave it, and fill in *payload.  body may be
 * a TOAST pointer: it is fetched once its size is known to fit.  Arguments may
 * be NULL.  Raises MissingParameter, InvalidMessageContents,
 * InvalidParameterValue or UnsupportedOperation.
 */
void
payload_check(text *body, Jsonb *attributes, text *group_id,
			  Jsonb *system_attributes, int32 maximum, Payload *payload)
{
	MessageSize total = {0, maximum};

	payload->body = check_body(body, &total);
	payload->group_id = group_id;
	if (group_id != NULL)
		identity_check_id("MessageGroupId", group_id);
	payload->attributes = attributes ? check_attributes(attributes, &total) : NULL;
	payload->trace_header = system_attributes ?
		check_system_attributes(system_attributes, maximum) : NULL;
	payload->size = total.size;
}

static int64
text_size(const char *string, Size length)
{
	Size		utf8_length;

	if (characters_to_utf8(string, length, &utf8_length) == NULL)
		return length;
	return utf8_length;
}

/*
 * Bytes of a body and of message attributes.
 */
int64
payload_size(const text *body, Jsonb *attributes)
{
	int64		size = 0;
	JsonbIterator *iterator;
	JsonbValue	name;
	JsonbValue	value;

	if (body != NULL)
		size += text_size(VARDATA_ANY(body), VARSIZE_ANY_EXHDR(body));
	if (attributes == NULL)
		return size;

	iterator = JsonbIteratorInit(&attributes->root);
	while (next_member(&iterator, &name, &value))
	{
		JsonbIterator *members;
		JsonbValue	key;
		JsonbValue	member;

		size += text_size(name.val.string.val, name.val.string.len);
		if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
			continue;
		members = JsonbIteratorInit(value.val.binary.data);
		while (next_member(&members, &key, &member))
		{
			int64		bytes;
			int			breaks;

			if (member.type != jbvString)
				continue;
			if (equals(&key, "BinaryValue") && base64_allowed(&member, &bytes, &breaks))
				size += bytes;
			else
				size += text_size(member.val.string.val, member.val.string.len);
		}
	}
	return size;
}
