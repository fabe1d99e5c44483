/*-------------------------------------------------------------------------
 *
 * entry.c
 *		Where the server enters the library.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "accesskey.h"
#include "account.h"
#include "catalog.h"
#include "eventstate.h"
#include "queue.h"
#include "rolepolicy.h"
#include "settings.h"
#include "shared.h"
#include "tally.h"
#include "vitals.h"
#include "worker.h"
#include "xact.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/*
 * Called when the library is loaded, which has to be at server start: it needs
 * shared memory, and everyone has to load it, or nobody would be woken.
 */
void
_PG_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"%s\" must be loaded via shared_preload_libraries",
						QUEUE_EXTENSION),
				 errhint("Add '%s' to shared_preload_libraries in postgresql.conf and restart the server.",
						 QUEUE_EXTENSION)));

	settings_define();
	shared_init();
	eventstate_init();
	vitals_init();
	tally_init();
	catalog_register_callback();
	accesskey_register_callback();
	rolepolicy_register_callback();
	account_register();
	xact_init();
	worker_init();
}
