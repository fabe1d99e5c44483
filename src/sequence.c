/*-------------------------------------------------------------------------
 *
 * sequence.c
 *		Numbers that never come back.
 *
 * nextval() would do, were it not that it also decides what lastval() says in
 * the session: a trigger that sends a message would change, once in a while,
 * the answer an application asks for after its own INSERT.  setval() leaves
 * lastval() alone, so a value is read and set under a lock that is held for
 * just that.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"

#include "sequence.h"

/*
 * Advance a sequence by a step.
 */
int64
sequence_advance(Oid sequence, Oid owner, int64 step)
{
	LOCAL_FCINFO(fcinfo, 1);
	Datum		last;
	int64		value;
	Oid			user;
	int			security;

	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(owner, security | SECURITY_LOCAL_USERID_CHANGE);
	LockDatabaseObject(RelationRelationId, sequence, 0, ExclusiveLock);

	InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = ObjectIdGetDatum(sequence);
	fcinfo->args[0].isnull = false;
	last = pg_sequence_last_value(fcinfo);
	value = fcinfo->isnull ? 1 : DatumGetInt64(last) + step;
	(void) DirectFunctionCall2(setval_oid, ObjectIdGetDatum(sequence),
							   Int64GetDatum(value));

	UnlockDatabaseObject(RelationRelationId, sequence, 0, ExclusiveLock);
	SetUserIdAndSecContext(user, security);
	return value;
}
