/*-------------------------------------------------------------------------
 *
 * rolehold.c
 *		Roles that rows of ours belong to, and that are kept from being dropped.
 *
 * A row that gives a role something must never give it to another.  It has the
 * role's number, and numbers come again: the counter is 32 bits wide, and
 * everything that is stored out of line takes one from it, too.  So each role
 * that has such rows is held: it has the privilege SELECT on their column of
 * roles, granted with its first row and revoked with its last.  While it has
 * that, DROP ROLE refuses to remove it, and names the table.  The privilege says
 * little, since roles are no secret, and dumps take it along.
 *
 * DROP OWNED takes it away.  From then on the rows of that role do not count.
 * When a role comes to be held, rows with its number that are there already, are
 * those of a role that was not held any more, perhaps of another one that is
 * gone: whoever has it held deletes them.  Thus, while a row counts, its role has
 * been held since the row was made, and is that role.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_attribute.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "compat.h"
#include "rolehold.h"

/*
 * Whether a role is held; see above.
 */
bool
rolehold_is_held(const RoleColumn *where, Oid role)
{
	HeapTuple	tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(catalog_relation(where->table)),
										Int16GetDatum(where->attnum));
	Datum		datum;
	bool		isnull;
	bool		held = false;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for column \"%s\" of \"queue.%s\"", where->column, where->table);
	datum = SysCacheGetAttr(ATTNUM, tuple, Anum_pg_attribute_attacl, &isnull);
	if (!isnull)
	{
		Acl		   *acl = DatumGetAclP(datum);
		const AclItem *items = ACL_DAT(acl);

		for (int i = 0; i < ACL_NUM(acl); i++)
			if (items[i].ai_grantee == role && (items[i].ai_privs & ACL_SELECT) != 0)
				held = true;
	}
	ReleaseSysCache(tuple);
	return held;
}

/*
 * Grant or revoke the privilege that holds a role.  That is done as the owner
 * of the extension; the caller has no rights on the table.
 */
void
rolehold_set(const RoleColumn *where, Oid role, bool hold)
{
	GrantStmt  *stmt = makeNode(GrantStmt);
	AccessPriv *privilege = makeNode(AccessPriv);
	RoleSpec   *grantee = makeNode(RoleSpec);
	Oid			save_userid;
	int			save_sec_context;

	privilege->priv_name = pstrdup("select");
	privilege->cols = list_make1(makeString(pstrdup(where->column)));
	grantee->roletype = ROLESPEC_CSTRING;
	grantee->rolename = GetUserNameFromId(role, false);
	grantee->location = -1;
	stmt->is_grant = hold;
	stmt->targtype = ACL_TARGET_OBJECT;
	stmt->objtype = OBJECT_TABLE;
	stmt->objects = list_make1(makeRangeVar(pstrdup(QUEUE_SCHEMA), pstrdup(where->table), -1));
	stmt->privileges = list_make1(privilege);
	stmt->grantees = list_make1(grantee);
	stmt->behavior = DROP_RESTRICT;

	GetUserIdAndSecContext(&save_userid, &save_sec_context);
	SetUserIdAndSecContext(catalog_extension_owner(),
						   save_sec_context | SECURITY_LOCAL_USERID_CHANGE);
	ExecuteGrantStmt(stmt);
	SetUserIdAndSecContext(save_userid, save_sec_context);
	CommandCounterIncrement();
}
