/*-------------------------------------------------------------------------
 *
 * iamcondition.c
 *		Conditions of policies: operators, and what they compare.
 *
 * "Condition": {operator: {key: value or values, ...}, ...}
 *
 * Each pair of an operator and a key is a condition, and a request has to
 * fulfil all.  A condition holds if a value of the request is like one of the
 * policy; with an operator that negates, if none is.  If the request has no
 * such key, the condition holds if the operator negates or ends in IfExists.
 *
 * A key may have several values.  ForAllValues: asks that each of them holds,
 * which is so where there is none; ForAnyValue: that there is one that holds,
 * also with an operator that negates.  Without the one or the other, a key of
 * several values is as with ForAnyValue:, but negated as a whole.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FRONTEND
#include "postgres.h"
#else
#include "postgres_fe.h"
#endif

#include "iamcondition.h"
#include "iamvalue.h"

#define IF_EXISTS "IfExists"
#define FOR_ALL "ForAllValues:"
#define FOR_ANY "ForAnyValue:"

/* Bytes of a text that errors quote */
#define QUOTED_MAX 64

typedef enum Comparison
{
	COMPARE_STRING_EQUALS,
	COMPARE_STRING_EQUALS_IGNORE_CASE,
	COMPARE_STRING_LIKE,
	COMPARE_NUMERIC,
	COMPARE_DATE,
	COMPARE_BOOLEAN,
	COMPARE_BINARY,
	COMPARE_IP_ADDRESS,
	COMPARE_ARN,
	COMPARE_IS_NULL
} Comparison;

typedef enum Order
{
	EQUAL,
	LESS,
	LESS_OR_EQUAL,
	GREATER,
	GREATER_OR_EQUAL
} Order;

typedef struct OperatorInfo
{
	const char *name;
	Comparison	comparison;
	bool		negates;
	Order		order;			/* of numbers and dates */
} OperatorInfo;

static const OperatorInfo operators[] = {
	{"StringEquals", COMPARE_STRING_EQUALS, false, EQUAL},
	{"StringNotEquals", COMPARE_STRING_EQUALS, true, EQUAL},
	{"StringEqualsIgnoreCase", COMPARE_STRING_EQUALS_IGNORE_CASE, false, EQUAL},
	{"StringNotEqualsIgnoreCase", COMPARE_STRING_EQUALS_IGNORE_CASE, true, EQUAL},
	{"StringLike", COMPARE_STRING_LIKE, false, EQUAL},
	{"StringNotLike", COMPARE_STRING_LIKE, true, EQUAL},
	{"NumericEquals", COMPARE_NUMERIC, false, EQUAL},
	{"NumericNotEquals", COMPARE_NUMERIC, true, EQUAL},
	{"NumericLessThan", COMPARE_NUMERIC, false, LESS},
	{"NumericLessThanEquals", COMPARE_NUMERIC, false, LESS_OR_EQUAL},
	{"NumericGreaterThan", COMPARE_NUMERIC, false, GREATER},
	{"NumericGreaterThanEquals", COMPARE_NUMERIC, false, GREATER_OR_EQUAL},
	{"DateEquals", COMPARE_DATE, false, EQUAL},
	{"DateNotEquals", COMPARE_DATE, true, EQUAL},
	{"DateLessThan", COMPARE_DATE, false, LESS},
	{"DateLessThanEquals", COMPARE_DATE, false, LESS_OR_EQUAL},
	{"DateGreaterThan", COMPARE_DATE, false, GREATER},
	{"DateGreaterThanEquals", COMPARE_DATE, false, GREATER_OR_EQUAL},
	{"Bool", COMPARE_BOOLEAN, false, EQUAL},
	{"BinaryEquals", COMPARE_BINARY, false, EQUAL},
	{"IpAddress", COMPARE_IP_ADDRESS, false, EQUAL},
	{"NotIpAddress", COMPARE_IP_ADDRESS, true, EQUAL},
	{"ArnEquals", COMPARE_ARN, false, EQUAL},
	{"ArnLike", COMPARE_ARN, false, EQUAL},
	{"ArnNotEquals", COMPARE_ARN, true, EQUAL},
	{"ArnNotLike", COMPARE_ARN, true, EQUAL},
	{"Null", COMPARE_IS_NULL, false, EQUAL}
};

typedef enum Quantifier
{
	NO_QUANTIFIER,
	ALL_VALUES,
	ANY_VALUE
} Quantifier;

/* An operator as a policy names it */
typedef struct Operator
{
	const OperatorInfo *info;
	Quantifier	quantifier;
	bool		if_exists;
} Operator;

/* A value of the policy */
typedef struct Operand
{
	IamText text;				/* of strings and ARNs */
	union
	{
		double		number;
		int64		date;
		bool		boolean;
		IamAddress	address;
		IamBytes	bytes;
	}			value;
} Operand;

struct IamCondition
{
	Operator	operator;
	const char *key;
	int			count;
	Operand    *operands;
};

char *
iamcondition_quote(const char *text)
{
	size_t		length = strnlen(text, QUOTED_MAX);
	char	   *copy = palloc(length + 1);

	for (size_t i = 0; i < length; i++)
		copy[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';

	copy[length] = '\0';
	return copy;
}

/*
 * Take the name of an operator apart.
 */
static bool
operator_parse(const char *name, Operator *operator)
{
	size_t		suffix = strlen(IF_EXISTS);
	size_t		length;

	operator->quantifier = NO_QUANTIFIER;
	if (strncmp(name, FOR_ALL, strlen(FOR_ALL)) == 0)
	{
		operator->quantifier = ALL_VALUES;
		name += strlen(FOR_ALL);
	}
	else if (strncmp(name, FOR_ANY, strlen(FOR_ANY)) == 0)
	{
		operator->quantifier = ANY_VALUE;
		name += strlen(FOR_ANY);
	}
	length = strlen(name);
	operator->if_exists = length > suffix && strcmp(name + length - suffix, IF_EXISTS) == 0;
	if (operator->if_exists)
		length -= suffix;
	for (int i = 0; i < lengthof(operators); i++)
	{
		operator->info = &operators[i];
		if (strncmp(operators[i].name, name, length) == 0 && operators[i].name[length] == '\0')
			return operators[i].comparison != COMPARE_IS_NULL ||
				(operator->quantifier == NO_QUANTIFIER && !operator->if_exists);
	}
	return false;
}

/*
 * A key has the form service:name.
 */
static bool
key_is_valid(const char *key)
{
	const char *colon = strchr(key, ':');

	return colon != NULL && colon > key && colon[1] != '\0' && strpbrk(key, " *?") == NULL;
}

/*
 * Read one value of the policy; returns what is wrong with it, or NULL.
 */
static const char *
operand_parse(const Operator *operator, const IamNode *node, bool variables, Operand *operand)
{
	const char *text = node->text;
	const char *wanted = NULL;
	double		number;

	if (node->kind != IAM_NODE_STRING && node->kind != IAM_NODE_NUMBER &&
		node->kind != IAM_NODE_BOOLEAN)
		return "a value is not a string, number or boolean";
	if (node->kind == IAM_NODE_NUMBER && !iamvalue_number(text, &number))
		return "a number is out of range";

	/* variables are for strings and ARNs */
	if (operator->info->comparison > COMPARE_STRING_LIKE && operator->info->comparison != COMPARE_ARN)
		variables = false;
	if (!iammatch_prepare(text, variables, &operand->text))
		return psprintf("\"%s\" has a malformed variable", iamcondition_quote(text));
	switch (operator->info->comparison)
	{
		case COMPARE_STRING_EQUALS:
		case COMPARE_STRING_EQUALS_IGNORE_CASE:
		case COMPARE_STRING_LIKE:
			break;
		case COMPARE_NUMERIC:
			if (!iamvalue_number(text, &operand->value.number))
				wanted = "a number";
			break;
		case COMPARE_DATE:
			if (!iamvalue_date(text, &operand->value.date))
				wanted = "a date";
			break;
		case COMPARE_BOOLEAN:
		case COMPARE_IS_NULL:
			if (!iamvalue_boolean(text, &operand->value.boolean))
				wanted = "true or false";
			break;
		case COMPARE_BINARY:
			if (!iamvalue_bytes(text, &operand->value.bytes))
				wanted = "base64";
			break;
		case COMPARE_IP_ADDRESS:
			if (!iamvalue_address(text, &operand->value.address))
				wanted = "an IP address or a range of them";
			break;
		case COMPARE_ARN:
			if (!operand->text.has_variables && !iammatch_is_arn(operand->text.plain))
				wanted = "an ARN with six parts";
			break;
	}
	if (wanted == NULL)
		return NULL;
	return psprintf("\"%s\" is not %s", iamcondition_quote(text), wanted);
}

/*
 * Read the values of a condition.
 */
static const char *
operands_parse(const IamNode *node, bool variables, IamCondition *condition)
{
	const IamNode *first = node->kind == IAM_NODE_ARRAY ? node->first : node;
	int			count = node->kind == IAM_NODE_ARRAY ? node->count : 1;

	if (count == 0)
		return "there is no value";
	condition->operands = palloc0(count * sizeof(Operand));
	for (; condition->count < count; first = first->next)
	{
		const char *problem = operand_parse(&condition->operator, first, variables,
											&condition->operands[condition->count++]);

		if (problem != NULL)
			return problem;
	}
	return NULL;
}

/*
 * Read the element Condition.
 */
IamCondition *
iamcondition_parse(const IamNode *node, bool variables, int *count, const char **problem)
{
	IamCondition *conditions;
	int			total = 0;

	*count = 0;
	if (node->kind != IAM_NODE_OBJECT)
	{
		*problem = "Condition must be an object.";
		return NULL;
	}
	for (const IamNode *op = node->first; op != NULL; op = op->next)
		total += op->count;
	conditions = palloc0((total + 1) * sizeof(IamCondition));
	for (const IamNode *op = node->first; op != NULL; op = op->next)
	{
		Operator	operator;

		if (!operator_parse(op->name, &operator))
		{
			*problem = psprintf("Condition has no operator \"%s\".", iamcondition_quote(op->name));
			return NULL;
		}
		if (op->kind != IAM_NODE_OBJECT)
		{
			*problem = psprintf("Condition %s must be an object.", op->name);
			return NULL;
		}
		for (const IamNode *key = op->first; key != NULL; key = key->next)
		{
			IamCondition *condition = &conditions[(*count)++];
			const char *wrong = "the key must have the form service:name";

			condition->operator = operator;
			condition->key = key->name;
			if (key_is_valid(key->name))
				wrong = operands_parse(key, variables, condition);
			if (wrong != NULL)
			{
				*problem = psprintf("Condition %s of \"%s\": %s.", op->name,
									iamcondition_quote(key->name), wrong);
				return NULL;
			}
		}
	}
	return conditions;
}

static bool
in_order(Order order, int compared)
{
	switch (order)
	{
		case EQUAL:
			return compared == 0;
		case LESS:
			return compared < 0;
		case LESS_OR_EQUAL:
			return compared <= 0;
		case GREATER:
			return compared > 0;
		case GREATER_OR_EQUAL:
			return compared >= 0;
	}
	return false;
}

#define ORDER_OF(a, b) ((a) < (b) ? -1 : (a) > (b) ? 1 : 0)

/*
 * Compare a value of the request with one of the policy.
 */
static bool
operand_matches(const OperatorInfo *info, const Operand *operand, const char *value,
				const IamRequest *request)
{
	const char *text;
	double		number;
	int64		date;
	bool		boolean;
	IamAddress	address;
	IamBytes	bytes;

	switch (info->comparison)
	{
		case COMPARE_STRING_EQUALS:
			text = iammatch_plain(&operand->text, request);
			return text !=NULL && strcmp(text, value) == 0;

		case COMPARE_STRING_EQUALS_IGNORE_CASE:
			text = iammatch_plain(&operand->text, request);
			return text !=NULL && pg_strcasecmp(text, value) == 0;

		case COMPARE_STRING_LIKE:
			text = iammatch_pattern(&operand->text, request);
			return text !=NULL && iammatch_glob(text, value, false);

		case COMPARE_ARN:
			text = iammatch_pattern(&operand->text, request);
			return text !=NULL && iammatch_arn(text, value);

		case COMPARE_NUMERIC:
			return iamvalue_number(value, &number) &&
				in_order(info->order, ORDER_OF(number, operand->value.number));
		case COMPARE_DATE:
			return iamvalue_date(value, &date) &&
				in_order(info->order, ORDER_OF(date, operand->value.date));
		case COMPARE_BOOLEAN:
			return iamvalue_boolean(value, &boolean) && boolean == operand->value.boolean;
		case COMPARE_BINARY:
			return iamvalue_bytes(value, &bytes) &&
				bytes.length == operand->value.bytes.length &&
				memcmp(bytes.bytes, operand->value.bytes.bytes, bytes.length) == 0;
		case COMPARE_IP_ADDRESS:
			return iamvalue_address(value, &address) &&
				iamvalue_contains(&operand->value.address, &address);
		case COMPARE_IS_NULL:
			break;
	}
	return false;
}

/*
 * Whether a value of the request is like one of the policy, or, if the operator
 * negates, like none.
 */
static bool
value_holds(const IamCondition *condition, const char *value, const IamRequest *request)
{
	const OperatorInfo *info = condition->operator.info;
	bool		found = false;

	for (int i = 0; i < condition->count && !found; i++)
		found = operand_matches(info, &condition->operands[i], value, request);
	return found != info->negates;
}

/*
 * Null: true is for a key that is not there.
 */
static bool
null_holds(const IamCondition *condition, bool exists)
{
	for (int i = 0; i < condition->count; i++)
		if (condition->operands[i].value.boolean != exists)
			return true;
	return false;
}

static bool
condition_holds(const IamCondition *condition, const IamRequest *request)
{
	const Operator *operator = &condition->operator;
	IamValues	values = {0, NULL};
	bool		exists = request->key(request, condition->key, &values) && values.count > 0;
	bool		all;

	if (operator->info->comparison == COMPARE_IS_NULL)
		return null_holds(condition, exists);
	if (!exists)
	{
		if (operator->if_exists || operator->quantifier == ALL_VALUES)
			return true;
		return operator->info->negates && operator->quantifier != ANY_VALUE;
	}

	/* "not one of them is" is "each of them is not" */
	all = operator->quantifier == ALL_VALUES ||
		(operator->quantifier == NO_QUANTIFIER && operator->info->negates);
	for (int i = 0; i < values.count; i++)
		if (value_holds(condition, values.values[i], request) != all)
			return !all;
	return all;
}

/*
 * Whether a request fulfils all of the conditions.
 */
bool
iamcondition_holds(const IamCondition *conditions, int count, const IamRequest *request)
{
	for (int i = 0; i < count; i++)
		if (!condition_holds(&conditions[i], request))
			return false;
	return true;
}
