/*-------------------------------------------------------------------------
 *
 * policy.c
 *		Access policies as documents: a list of statements.
 *
 * A policy is kept as the text that was set (attributes.c).  AddPermission and
 * RemovePermission change one statement of it, and leave the rest as it was
 * written.  A statement is known by its Sid, which is what they call a label.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/json.h"

#include "document.h"
#include "iampolicy.h"
#include "policy.h"
#include "queue.h"
#include "report.h"

#define STATEMENT "Statement"

/*
 * The statements of a policy, as a list of their texts.  One statement may
 * stand for a list of it.
 */
static List *
policy_statements(const List *fields)
{
	List	   *statements = NIL;
	const ListCell *cell;

	foreach(cell, fields)
	{
		DocumentPart *field = lfirst(cell);

		if (strcmp(field->name, STATEMENT) != 0)
			continue;
		statements = NIL;
		if (field->text[0] == '[')
		{
			List	   *elements = document_split(field->text);
			ListCell   *element;

			foreach(element, elements)
			{
				DocumentPart *part = lfirst(element);

				statements = lappend(statements, part->text);
			}
		}
		else
			statements = list_make1(field->text);
	}
	return statements;
}

/*
 * Whether a statement has a label.
 */
static bool
statement_is(const char *statement, const char *label)
{
	DocumentField sid = {.name = "Sid"};

	return document_read(statement, &sid, 1) && sid.kind == DOCUMENT_STRING &&
		strcmp(sid.value, label) == 0;
}

static void
append_list(StringInfo text, const List *elements)
{
	const ListCell *cell;

	foreach(cell, elements)
	{
		appendStringInfo(text, "%s%s", cell == list_head(elements) ? "" : ",",
						 (const char *) lfirst(cell));
	}
}

/*
 * Write the policy that has these statements, and the other fields as they
 * were.
 */
static char *
policy_write(const List *fields, const List *statements)
{
	StringInfoData text;
	bool		written = false;
	const ListCell *cell;

	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	foreach(cell, fields)
	{
		DocumentPart *field = lfirst(cell);
		bool		is_statement = strcmp(field->name, STATEMENT) == 0;

		if (is_statement && written)
			continue;
		if (text.len > 1)
			appendStringInfoChar(&text, ',');
		escape_json(&text, field->name);
		appendStringInfoChar(&text, ':');
		if (is_statement)
		{
			appendStringInfoChar(&text, '[');
			append_list(&text, statements);
			appendStringInfoChar(&text, ']');
			written = true;
		}
		else
			appendStringInfoString(&text, field->text);
	}
	if (!written)
	{
		appendStringInfo(&text, "%s\"" STATEMENT "\":[", text.len > 1 ? "," : "");
		append_list(&text, statements);
		appendStringInfoChar(&text, ']');
	}
	appendStringInfoChar(&text, '}');
	return text.data;
}

/*
 * Write values between a prefix and a suffix: one as it is, several as an
 * array.
 */
static void
append_values(StringInfo text, const char *prefix, const List *values,
			  const char *suffix)
{
	const ListCell *cell;

	if (list_length(values) > 1)
		appendStringInfoChar(text, '[');
	foreach(cell, values)
	{
		if (cell != list_head(values))
			appendStringInfoChar(text, ',');
		escape_json(text, psprintf("%s%s%s", prefix, (const char *) lfirst(cell), suffix));
	}
	if (list_length(values) > 1)
		appendStringInfoChar(text, ']');
}

/*
 * A statement as AddPermission makes it.
 */
static char *
make_statement(const char *arn, const char *label, const List *accounts,
			   const List *actions)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, "{\"Sid\":");
	escape_json(&text, label);
	appendStringInfoString(&text, ",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":");
	append_values(&text, "arn:aws:iam::", accounts, ":root");
	appendStringInfoString(&text, "},\"Action\":");
	append_values(&text, "SQS:", actions, "");
	appendStringInfoString(&text, ",\"Resource\":");
	escape_json(&text, arn);
	appendStringInfoChar(&text, '}');
	return text.data;
}

/*
 * The policy that a queue has before its first statement.
 */
static List *
new_policy(const char *arn)
{
	DocumentPart *version = palloc(sizeof(DocumentPart));
	DocumentPart *id = palloc(sizeof(DocumentPart));

	version->name = "Version";
	version->text = "\"2008-10-17\"";
	id->name = "Id";
	id->text = psprintf("\"%s/SQSDefaultPolicy\"", arn);
	return list_make2(version, id);
}

/*
 * Report more of something than there may be.
 */
static void
report_over_limit(const char *text)
{
	ereport(ERROR,
			(sqs_errcode(SQS_OVER_LIMIT),
			 errmsg("the policy would be too large"),
			 sqs_errdetail(SQS_OVER_LIMIT, "%s", text),
			 errhint("Remove a permission, or set the queue attribute Policy with fewer, wider statements.")));
}

/*
 * What is wrong with a policy.
 */
const char *
policy_problem(const char *policy)
{
	IamProblem	problem;

	if (iampolicy_parse(policy, strlen(policy), GetDatabaseEncoding(), IAM_QUEUE_POLICY,
						&problem) != NULL)
		return NULL;
	if (problem.over_limit)
		report_over_limit(problem.text);
	return problem.text;
}

/*
 * A policy with one more statement.
 */
char *
policy_add(const char *policy, const char *arn, const char *label,
		   const List *accounts, const List *actions)
{
	List	   *fields = policy == NULL ? new_policy(arn) : document_split(policy);
	List	   *statements = policy_statements(fields);
	ListCell   *cell;
	char	   *result;
	const char *problem;

	foreach(cell, statements)
	{
		if (statement_is(lfirst(cell), label))
			report_invalid_parameter("Label", label, "Already exists.");
	}
	statements = lappend(statements, make_statement(arn, label, accounts, actions));
	result = policy_write(fields, statements);
	if (strlen(result) > POLICY_MAX)
		report_over_limit(psprintf("%d Bytes of policy were found, maximum allowed is %d.",
								   (int) strlen(result), POLICY_MAX));
	if ((problem = policy_problem(result)) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the policy is not valid"),
				 errdetail_internal("%s", problem),
				 errhint("Set the queue attribute Policy anew.")));
	return result;
}

/*
 * A policy without the statement of a label.
 */
char *
policy_remove(const char *policy, const char *label)
{
	List	   *fields = policy == NULL ? NIL : document_split(policy);
	List	   *statements = policy_statements(fields);
	List	   *kept = NIL;
	ListCell   *cell;

	foreach(cell, statements)
	{
		if (!statement_is(lfirst(cell), label))
			kept = lappend(kept, lfirst(cell));
	}
	if (list_length(kept) == list_length(statements))
		report_invalid_parameter("Label", label, "can't find label.");
	return kept == NIL ? NULL : policy_write(fields, kept);
}
