/*-------------------------------------------------------------------------
 *
 * owner.c
 *		Statements on the extension's own tables, as its owner.
 *
 * The tables are nobody's to look at.  What is read and changed all the time is
 * so by direct access (catalog.c, store.c); what is not, or with many rows at a
 * time, by statements.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "catalog.h"
#include "owner.h"

void
owner_begin(OwnerScope *scope)
{
	scope->context = CurrentMemoryContext;
	GetUserIdAndSecContext(&scope->user, &scope->security);
	SetUserIdAndSecContext(catalog_extension_owner(),
						   scope->security | SECURITY_LOCAL_USERID_CHANGE);
	scope->nestlevel = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	SPI_connect();
}

void
owner_end(const OwnerScope *scope)
{
	SPI_finish();
	AtEOXact_GUC(false, scope->nestlevel);
	SetUserIdAndSecContext(scope->user, scope->security);
}

void
owner_execute(const char *sql, int nargs, Oid *types, Datum *args, const char *nulls,
			  bool read_only, int expected)
{
	int			result = SPI_execute_with_args(sql, nargs, types, args, nulls, read_only, 0);

	if (result != expected)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(result));
}
