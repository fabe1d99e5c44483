/*-------------------------------------------------------------------------
 *
 * database.c
 *		The databases of the cluster, for the launcher, which is in none.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_database.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "database.h"

/*
 * Whether there is a database, and whether one can connect to it.
 */
bool
database_find(Oid database, bool *connectable)
{
	HeapTuple	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));

	if (!HeapTupleIsValid(tuple))
		return false;
	*connectable = ((Form_pg_database) GETSTRUCT(tuple))->datallowconn;
	ReleaseSysCache(tuple);
	return true;
}

/*
 * All databases that one can connect to, but no templates, up to max of them.
 * Returns how many.
 */
int
database_list(Oid *databases, int max)
{
	Relation	rel = table_open(DatabaseRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;
	int			count = 0;

	while (count < max && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);

		if (database->datallowconn && !database->datistemplate)
			databases[count++] = database->oid;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return count;
}
