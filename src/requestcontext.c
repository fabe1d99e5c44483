/*-------------------------------------------------------------------------
 *
 * requestcontext.c
 *		Where a request comes from, and how: what policies can ask about.
 *
 * A call in SQL comes from the client of the session.  The gateway calls for
 * clients of its own and says which, at the begin of each call; as that is
 * forgotten with the transaction, an error needs no cleaning up, and the next
 * call in the session cannot pass for theirs.
 *
 * A connection is secure if it is encrypted, by TLS or GSSAPI, and if it does
 * not leave the machine: by a Unix-domain socket, or that of a background
 * process, which has none.  Those two have no address.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <netdb.h>
#include <sys/socket.h>

#include "common/ip.h"
#include "libpq/pqcomm.h"
#include "storage/proc.h"
#include "utils/backend_status.h"
#include "utils/guc.h"

#include "compat.h"
#include "queue.h"
#include "requestcontext.h"

/* Bytes of a user agent that are kept */
#define USER_AGENT_MAX 512

/* The client of a program; valid in the transaction with this id only */
static LocalTransactionId context_lxid = InvalidLocalTransactionId;
static bool context_has_ip;
static char context_ip[NI_MAXHOST];
static bool context_secure;
static bool context_has_agent;
static char context_agent[USER_AGENT_MAX];

/* Its access key, likewise */
static LocalTransactionId key_lxid = InvalidLocalTransactionId;
static char key_id[ACCESS_KEY_ID_LENGTH + 1];

void
request_context_set(const char *source_ip, bool secure, const char *user_agent)
{
	context_has_ip = source_ip != NULL;
	strlcpy(context_ip, source_ip != NULL ? source_ip : "", sizeof(context_ip));
	context_secure = secure;
	context_has_agent = user_agent != NULL;
	strlcpy(context_agent, user_agent != NULL ? user_agent : "", sizeof(context_agent));
	context_lxid = compat_my_lxid();
}

void
request_context_set_access_key(const char *access_key_id)
{
	key_lxid = access_key_id == NULL ? InvalidLocalTransactionId : compat_my_lxid();
	strlcpy(key_id, access_key_id == NULL ? "" : access_key_id, sizeof(key_id));
}

const char *
request_context_access_key(void)
{
	return key_lxid != InvalidLocalTransactionId && key_lxid == compat_my_lxid() ? key_id : NULL;
}

void
request_context_clear(void)
{
	context_lxid = InvalidLocalTransactionId;
}

static bool
is_set(void)
{
	return context_lxid != InvalidLocalTransactionId && context_lxid == compat_my_lxid();
}

/*
 * Whether the session has no connection that leaves the machine.  What the
 * server shows of itself in pg_stat_activity has it all, and, unlike the
 * connection, needs no header of another library.
 */
static bool
is_local(void)
{
	return MyBEEntry == NULL ||
		(MyBEEntry->st_clientaddr.addr.ss_family != AF_INET &&
		 MyBEEntry->st_clientaddr.addr.ss_family != AF_INET6);
}

const char *
request_context_source_ip(void)
{
	char		host[NI_MAXHOST];

	if (is_set())
		return context_has_ip ? pstrdup(context_ip) : NULL;
	if (is_local() ||
		pg_getnameinfo_all(&MyBEEntry->st_clientaddr.addr, MyBEEntry->st_clientaddr.salen,
						   host, sizeof(host), NULL, 0, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return NULL;

	/* an address of one link has the link's name after it */
	host[strcspn(host, "%")] = '\0';
	return pstrdup(host);
}

const char *
request_context_user_agent(void)
{
	if (is_set())
		return context_has_agent ? context_agent : NULL;
	return application_name != NULL && application_name[0] != '\0' ? application_name : NULL;
}

bool
request_context_secure(void)
{
	if (is_set())
		return context_secure;
	return is_local() || MyBEEntry->st_ssl ||
		(MyBEEntry->st_gss && MyBEEntry->st_gssstatus->gss_enc);
}
