/*-------------------------------------------------------------------------
 *
 * audit.c
 *		Who did what: lines for the server log.
 *
 * A line is one JSON object after "audit: ", so that it can be told from others
 * whatever log_line_prefix is.  It has names and addresses only: no body, no
 * attribute, no receipt handle, no secret gets here.  It is written when the
 * question of rights is decided, so what is allowed may still fail for another
 * reason, or be rolled back; and it is written at once, so a rollback does not
 * take it away.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/json.h"

#include "access.h"
#include "audit.h"
#include "requestcontext.h"
#include "settings.h"

/* Actions on messages; all others are on what holds them */
static const char *const message_actions[] = {
	"ChangeMessageVisibility", "DeleteMessage", "ReceiveMessage", "SendMessage"
};

static bool
is_wanted(const char *action)
{
	if (setting_audit != AUDIT_MANAGEMENT)
		return setting_audit == AUDIT_ALL;
	for (int i = 0; i < lengthof(message_actions); i++)
	{
		if (strcmp(action, message_actions[i]) == 0)
			return false;
	}
	return true;
}

bool
audit_is_complete(void)
{
	return setting_audit == AUDIT_ALL;
}

/*
 * Append a member, if it has a value.
 */
static void
put(StringInfo line, const char *name, const char *value)
{
	if (value == NULL)
		return;
	appendStringInfo(line, "%s\"%s\": ", line->len > 1 ? ", " : "", name);
	escape_json(line, value);
}

static void
write_line(const char *action, const char *resource, bool allowed)
{
	StringInfoData line;

	initStringInfo(&line);
	appendStringInfoChar(&line, '{');
	put(&line, "action", action);
	put(&line, "decision", allowed ? "allowed" : "denied");
	put(&line, "resource", resource);
	put(&line, "principal", access_role_arn(GetUserId()));
	put(&line, "sessionUser", GetUserNameFromId(GetSessionUserId(), true));
	put(&line, "accessKeyId", request_context_access_key());
	put(&line, "database", get_database_name(MyDatabaseId));
	put(&line, "sourceIp", request_context_source_ip());
	put(&line, "userAgent", request_context_user_agent());
	appendStringInfo(&line, ", \"secureTransport\": %s}",
					 request_context_secure() ? "true" : "false");
	ereport(LOG_SERVER_ONLY,
			(errmsg_internal("audit: %s", line.data),
			 errhidestmt(true),
			 errhidecontext(true)));
	pfree(line.data);
}

/*
 * Note an action on a queue, or on the queues of an account.
 */
void
audit_queue(const char *action, const char *account_id, const char *queue_name,
			bool allowed)
{
	if (likely(setting_audit == AUDIT_NONE) || !is_wanted(action))
		return;
	write_line(action, names_arn(account_id, queue_name[0] == '\0' ? "*" : queue_name),
			   allowed);
}

/*
 * Note an action on something else.
 */
void
audit_other(const char *action, const char *resource, bool allowed)
{
	if (setting_audit != AUDIT_NONE && is_wanted(action))
		write_line(action, resource, allowed);
}
