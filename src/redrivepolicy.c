/*-------------------------------------------------------------------------
 *
 * redrivepolicy.c
 *		What a RedrivePolicy says: where messages go, and when.
 *
 * A policy is kept as the text that was given (deadletter.c checks it then), and
 * read when the queue is looked up, so that a receive has it at hand.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "redrivepolicy.h"

/*
 * A maxReceiveCount: a number, or a string of digits.
 */
int32
redrivepolicy_count(const DocumentField *field)
{
	int			count;

	if (!(field->kind == DOCUMENT_NUMBER || field->kind == DOCUMENT_STRING) ||
		strlen(field->value) > 4 ||
		strspn(field->value, "0123456789") != strlen(field->value))
		return 0;
	count = atoi(field->value);
	return count <= MAX_RECEIVE_COUNT_MAX ? count : 0;
}

/*
 * Read a policy.
 */
bool
redrivepolicy_read(const char *policy, QueueName *target, int32 *count)
{
	DocumentField fields[] = {{.name = "deadLetterTargetArn"}, {.name = "maxReceiveCount"}};

	if (!document_read(policy, fields, lengthof(fields)) ||
		fields[0].kind != DOCUMENT_STRING ||
		!names_from_arn(fields[0].value, target))
		return false;
	*count = redrivepolicy_count(&fields[1]);
	return *count > 0;
}
