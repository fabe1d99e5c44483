/*-------------------------------------------------------------------------
 *
 * awsquery.c
 *		The AWS Query protocol: requests that are forms.
 *
 * The names of parameters are paths:
 *
 *		Action=SendMessage
 *		MessageBody=hello
 *		MessageAttribute.2.Name=Color
 *		MessageAttribute.2.Value.DataType=String
 *		MessageAttribute.2.Value.StringValue=red
 *
 * They are sorted by their parts, numbers by their size.  Then whatever
 * belongs together stands together, and a request is read along the table of
 * its members, each of which finds all of its parameters in a range.  How much
 * memory that takes depends on how many parameters there are, never on the
 * numbers in them.  Parameters that the table does not know are ignored: there
 * are some of the protocol's own, such as Version.
 *
 * Beside elements that are numbered, a list may have
 *		the name that it has in JSON;
 *		"member" before the number, as lists of other services do;
 *		no number, which makes it a list of one element;
 *		no number and an empty value, which makes it an empty list.
 * Each of these is sent by some client.
 *
 *-------------------------------------------------------------------------
 */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "awsquery.h"
#include "form.h"
#include "shape.h"

/* More elements than any list of SQS may have; a larger number is an error */
#define LIST_INDEX_MAX 10000

/* As much of a client's word as an error quotes */
#define QUOTED_MAX 80

/* A parameter; its path is what is left of its name */
typedef struct Parameter
{
	const char *path;
	const char *value;
	int			position;
} Parameter;

/* Parameters that stand together, as what came before their paths is the same */
typedef struct Range
{
	Parameter  *parameters;
	int			count;
} Range;

static bool read_value(const Shape *shape, const Range *range, json_t **value,
					   Failure *failure);

/*
 * The length of the part that a path begins with.
 */
static size_t
part_length(const char *path)
{
	return strcspn(path, ".");
}

static bool
part_is(const char *path, const char *word)
{
	return strncmp(path, word, strlen(word)) == 0 &&
		part_length(path) == strlen(word);
}

static bool
part_is_number(const char *path)
{
	size_t		length = part_length(path);

	return length > 0 && strspn(path, "0123456789") == length;
}

/*
 * Compare two parts: numbers come first, by their size.
 */
static int
compare_parts(const char *a, const char *b)
{
	size_t		a_length = part_length(a);
	size_t		b_length = part_length(b);
	size_t		common = a_length < b_length ? a_length : b_length;
	bool		a_number = part_is_number(a);
	bool		b_number = part_is_number(b);
	int			order;

	if (a_number != b_number)
	{
		/* What ends here comes before all that goes on */
		if (common == 0)
			return a_length == 0 ? -1 : 1;
		return a_number ? -1 : 1;
	}
	if (a_number)
	{
		size_t		a_zeros = strspn(a, "0");
		size_t		b_zeros = strspn(b, "0");

		if (a_length - a_zeros != b_length - b_zeros)
			return a_length - a_zeros < b_length - b_zeros ? -1 : 1;
		order = memcmp(a + a_zeros, b + b_zeros, a_length - a_zeros);
	}
	else
		order = memcmp(a, b, common);
	if (order != 0)
		return order;
	return a_length < b_length ? -1 : a_length > b_length;
}

/*
 * Compare two parameters by their paths, and the same ones by their positions.
 */
static int
compare_parameters(const void *a, const void *b)
{
	const Parameter *first = a;
	const Parameter *second = b;
	const char *a_path = first->path;
	const char *b_path = second->path;

	for (;;)
	{
		int			order = compare_parts(a_path, b_path);

		if (order != 0)
			return order;
		a_path += part_length(a_path);
		b_path += part_length(b_path);
		if (*a_path == '\0' || *b_path == '\0')
			break;
		a_path++;
		b_path++;
	}
	if (*a_path != *b_path)
		return *a_path == '\0' ? -1 : 1;
	return first->position - second->position;
}

/*
 * Whether the range has a parameter whose path ends here.  It comes first.
 */
static bool
has_leaf(const Range *range)
{
	return range->count > 0 && range->parameters[0].path[0] == '\0';
}

/*
 * Take from a range the parameters whose paths begin with the same part as its
 * first one.
 */
static void
take_group(Range *range, Range *group)
{
	const char *part = range->parameters[0].path;
	int			count = 1;

	while (count < range->count &&
		   compare_parts(part, range->parameters[count].path) == 0)
		count++;
	group->parameters = range->parameters;
	group->count = count;
	range->parameters += count;
	range->count -= count;
}

/*
 * Go on after the part that all paths of a group begin with.
 */
static void
enter_group(Range *group)
{
	size_t		length = part_length(group->parameters[0].path);

	for (int i = 0; i < group->count; i++)
	{
		const char *path = group->parameters[i].path + length;

		group->parameters[i].path = *path == '.' ? path + 1 : path;
	}
}

/*
 * Report something that has parts and should not, or the other way round.
 */
static bool
structure_unexpected(Failure *failure)
{
	return failure_set(failure, GATEWAY_MALFORMED_INPUT,
					   "Start of structure or map found where not expected.");
}

static bool
structure_missing(Failure *failure)
{
	return failure_set(failure, GATEWAY_MALFORMED_INPUT,
					   "STRING_VALUE can not be converted to a Structure");
}

/*
 * Read a string or an integer.  An integer without digits is none, and *value
 * NULL then.
 */
static bool
read_scalar(const Shape *shape, const Range *range, json_t **value, Failure *failure)
{
	const Parameter *last = &range->parameters[range->count - 1];
	long long	number;
	char	   *end;

	if (*last->path != '\0')
		return structure_unexpected(failure);
	if (shape->kind == SHAPE_STRING)
	{
		*value = json_string(last->value);
		return true;
	}
	if (*last->value == '\0')
		return true;
	errno = 0;
	number = strtoll(last->value, &end, 10);
	if (isspace((unsigned char) *last->value) || *end != '\0' || errno != 0 ||
		number < INT32_MIN || number > INT32_MAX)
		return failure_set(failure, GATEWAY_MALFORMED_INPUT,
						   "STRING_VALUE can not be converted to an Integer");
	*value = json_integer(number);
	return true;
}

/*
 * Read a structure: each member that its parameters are there for.
 */
static bool
read_structure(const Shape *shape, Range range, json_t *structure, Failure *failure)
{
	while (range.count > 0)
	{
		Range		group;
		json_t	   *value = NULL;
		const ShapeMember *member = NULL;

		take_group(&range, &group);
		for (int i = 0; i < shape->member_count && member == NULL; i++)
		{
			if (part_is(group.parameters[0].path, shape->members[i].query) ||
				part_is(group.parameters[0].path, shape->members[i].name))
				member = &shape->members[i];
		}
		if (member == NULL)
			continue;
		enter_group(&group);
		if (!read_value(member->shape, &group, &value, failure))
			return false;
		if (value != NULL)
			json_object_set_new(structure, member->name, value);
	}
	return true;
}

/*
 * Read an entry of a map, which is a key and a value.
 */
static bool
read_entry(const Shape *shape, Range range, json_t *map, Failure *failure)
{
	const char *key = NULL;
	json_t	   *value = NULL;

	if (has_leaf(&range))
		return structure_missing(failure);
	while (range.count > 0)
	{
		Range		group;
		const char *part = range.parameters[0].path;
		bool		is_key = part_is(part, shape->key);
		bool		is_value = part_is(part, shape->value);

		take_group(&range, &group);
		enter_group(&group);
		if (is_key)
		{
			const Parameter *last = &group.parameters[group.count - 1];

			if (*last->path != '\0')
			{
				json_decref(value);
				return structure_unexpected(failure);
			}
			key = last->value;
		}
		else if (is_value && !read_value(shape->element, &group, &value, failure))
			return false;
	}
	if (key == NULL || value == NULL)
	{
		json_decref(value);
		return failure_set(failure, SQS_MISSING_PARAMETER,
						   "The request must contain the parameter %s.",
						   key == NULL ? shape->key : shape->value);
	}
	json_object_set_new(map, key, value);
	return true;
}

/*
 * Read an element of a list or an entry of a map.
 */
static bool
read_element(const Shape *shape, const Range *range, json_t *container, Failure *failure)
{
	json_t	   *element = NULL;

	if (shape->kind == SHAPE_MAP)
		return read_entry(shape, *range, container, failure);
	if (!read_value(shape->element, range, &element, failure))
		return false;
	if (element != NULL)
		json_array_append_new(container, element);
	return true;
}

/*
 * Read all elements of a list or entries of a map.  The word "member" may stand
 * before them once.
 */
static bool
read_elements(const Shape *shape, Range range, bool member, json_t *container,
			  Failure *failure)
{
	Range		group;

	if (has_leaf(&range))
	{
		bool		empty;

		take_group(&range, &group);
		empty = group.parameters[group.count - 1].value[0] == '\0';
		if (!empty && !read_element(shape, &group, container, failure))
			return false;
	}
	while (range.count > 0 && part_is_number(range.parameters[0].path))
	{
		const char *index = range.parameters[0].path;

		index += strspn(index, "0");
		if (part_length(index) > 9 || atoi(index) > LIST_INDEX_MAX)
			return failure_set(failure, GATEWAY_MALFORMED_INPUT,
							   "The index of a list is larger than %d.", LIST_INDEX_MAX);
		take_group(&range, &group);
		enter_group(&group);
		if (!read_element(shape, &group, container, failure))
			return false;
	}
	if (range.count == 0)
		return true;
	if (member || !part_is(range.parameters[0].path, "member"))
		return read_element(shape, &range, container, failure);
	take_group(&range, &group);
	enter_group(&group);
	return read_elements(shape, group, true, container, failure);
}

/*
 * Read a value, whatever it is.  *value stays NULL if nothing is there.
 */
static bool
read_value(const Shape *shape, const Range *range, json_t **value, Failure *failure)
{
	bool		done = false;

	switch (shape->kind)
	{
		case SHAPE_STRING:
		case SHAPE_INTEGER:
		case SHAPE_BOOLEAN:
			return read_scalar(shape, range, value, failure);
		case SHAPE_LIST:
			*value = json_array();
			done = read_elements(shape, *range, false, *value, failure);
			break;
		case SHAPE_MAP:
			*value = json_object();
			done = read_elements(shape, *range, false, *value, failure);
			break;
		case SHAPE_STRUCTURE:
			*value = json_object();
			if (has_leaf(range))
				done = structure_missing(failure);
			else
				done = read_structure(shape, *range, *value, failure);
			break;
	}
	if (!done)
	{
		json_decref(*value);
		*value = NULL;
	}
	return done;
}

/*
 * A batch without entries: in JSON its list is empty, here nothing is left of
 * it.
 */
static void
add_empty_batch(const Shape *shape, json_t *root)
{
	for (int i = 0; i < shape->member_count; i++)
	{
		const ShapeMember *member = &shape->members[i];

		if (member->shape->kind == SHAPE_LIST &&
			member->shape->element->kind == SHAPE_STRUCTURE &&
			json_object_get(root, member->name) == NULL)
			json_object_set_new(root, member->name, json_array());
	}
}

/*
 * Translate the parameters of a request.
 */
static json_t *
read_request(const Shape *shape, const Form *form, Failure *failure)
{
	Range		range;
	Parameter  *parameters = must_malloc(form->count * sizeof(Parameter));
	json_t	   *root = json_object();

	for (int i = 0; i < form->count; i++)
	{
		parameters[i].path = form->fields[i].name;
		parameters[i].value = form->fields[i].value;
		parameters[i].position = i;
	}
	qsort(parameters, form->count, sizeof(Parameter), compare_parameters);
	range.parameters = parameters;
	range.count = form->count;
	if (read_structure(shape, range, root, failure))
		add_empty_batch(shape, root);
	else
	{
		json_decref(root);
		root = NULL;
	}
	free(parameters);
	return root;
}

/*
 * Whether a path is that of a queue: ends with an account and a name.  Others
 * may have been put before the root by a proxy.
 */
static bool
is_queue_path(const char *path)
{
	size_t		length = strlen(path);
	size_t		name;
	size_t		account;

	while (length > 0 && path[length - 1] == '/')
		length--;
	for (name = length; name > 0 && path[name - 1] != '/'; name--)
		;
	if (name == 0 || name == length)
		return false;
	for (account = name - 1; account > 0 && path[account - 1] != '/'; account--)
		;
	return name - 1 - account == 12 && strspn(path + account, "0123456789") == 12;
}

/*
 * Find the action of a request.
 */
static bool
find_action(const Form *form, bool on_queue, Call *call, Failure *failure)
{
	const char *name = form_find(form, "Action");
	const Action *action;

	if (name == NULL || *name == '\0')
		return failure_set(failure, SQS_UNKNOWN_OPERATION,
						   "The request must contain the parameter Action.");
	action = action_find(name, strlen(name));
	if (action == NULL ||
		(on_queue && (strcmp(name, "CreateQueue") == 0 || strcmp(name, "ListQueues") == 0)))
		return failure_set(failure, GATEWAY_INVALID_ACTION,
						   "The action %.*s is not valid for this endpoint.",
						   QUOTED_MAX, name);
	call->action = action;
	return true;
}

/*
 * Whether a body can be a form.  Clients that say nothing of it send one.
 */
static bool
has_form(const HttpRequest *request)
{
	static const char form[] = "application/x-www-form-urlencoded";
	const char *type = request_header(request, "content-type");

	return type == NULL || *type == '\0' ||
		strncasecmp(type, form, strlen(form)) == 0;
}

/*
 * Read a request.
 */
json_t *
awsquery_read(const HttpRequest *request, Call *call, Failure *failure)
{
	Form		form;
	char	   *path = must_strdup(request->path);
	long		path_length = form_decode(path, strlen(path), false);
	json_t	   *root = NULL;
	const char *url;

	if (path_length < 0)
	{
		failure_set(failure, GATEWAY_MALFORMED_INPUT,
					"The path of the request is not URL-encoded UTF-8.");
		free(path);
		return NULL;
	}
	if (form_read(request->query, request->body,
				  has_form(request) ? request->body_length : 0, &form, failure))
	{
		if (find_action(&form, is_queue_path(path), call, failure))
			root = read_request(call->action->shape->request, &form, failure);
		form_free(&form);
	}
	if (root != NULL && call->action->on_queue && path_length > 1)
	{
		url = json_string_value(json_object_get(root, "QueueUrl"));
		if (url == NULL || *url == '\0')
			json_object_set_new(root, "QueueUrl", json_string(path));
	}
	free(path);
	return root;
}

/*
 * Whether the answer is to be JSON: whether the client accepts that.
 */
bool
awsquery_wants_json(const HttpRequest *request)
{
	static const char json[] = "application/json";
	const char *accept = request_header(request, "accept");

	while (accept != NULL && *accept != '\0')
	{
		accept += strspn(accept, " \t,");
		if (strncasecmp(accept, json, strlen(json)) == 0 &&
			strchr(" \t,;", accept[strlen(json)]) != NULL)
			return true;
		accept += strcspn(accept, ",");
	}
	return false;
}
