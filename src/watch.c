/*-------------------------------------------------------------------------
 *
 * watch.c
 *		The SQL procedure by which one session waits on any number of queues.
 *
 * The gateway waits for messages on behalf of thousands of clients, on one
 * connection.  It calls queue.watch() again and again, with the queues that it
 * waits on in addition, and those that it waits on no longer.  What is watched
 * stays so from one call to the next, until it is removed, or reported because
 * there is a message, or because there is no such queue: then a receive tells.
 * The session remains in the queues' lists of sleepers in between, so the
 * gateway has to call again soon.
 *
 * A call holds no snapshot while it sleeps, as that of sqs_wait().  It ends when
 * there is something to report, or when the client has something more to say,
 * which is seen at the socket.  What was sent together with this call, if only
 * the end of it, is in the server's buffer already, where nobody sees how much
 * it is.  So who wants to be heard waits until the call sleeps: then the client
 * is sent a notification, with the number of the call in the session.
 *
 * Where an error ends a call nothing is watched any longer, and wake-ups that
 * were meant for us go to others.  So it is when the session ends.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

/* see wake.c */
#undef ENABLE_GSS
#include "libpq/libpq.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "commands/async.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "dequeue.h"
#include "report.h"
#include "wake.h"

QUEUE_FUNCTION(queue_watch);

#define WATCH_SECONDS_MAX 60

/* The notification that a call sleeps, which nobody has to LISTEN for */
#define WATCH_CHANNEL "queue.watch"

/* Queues looked at in one transaction, which keeps locks on all their tables */
#define WATCH_PROBES 64

/* A queue that is watched */
typedef struct Watched
{
	char	   *reference;		/* as it was given */
	int64		queue_id;
	WakeNode	node;
	bool		up;				/* there may be a message */
} Watched;

/* Where it is */
typedef struct WatchPlace
{
	const char *reference;		/* key */
	char		status;
	int			number;
} WatchPlace;

/* PostgreSQL 15's own code has a variable that hides another */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow=compatible-local"
#endif

#define SH_PREFIX places
#define SH_ELEMENT_TYPE WatchPlace
#define SH_KEY_TYPE const char *
#define SH_KEY reference
#define SH_HASH_KEY(tb, key) hash_bytes((const unsigned char *) (key), strlen(key))
#define SH_EQUAL(tb, a, b) (strcmp(a, b) == 0)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

/* What this session watches, all in one context; NULL: nothing so far */
static MemoryContext watch_context = NULL;
static Watched *watched = NULL;
static int	watched_count = 0;
static int	watched_room = 0;
static places_hash *places = NULL;

/* Calls in this session */
static uint64 watch_calls = 0;

/* What a call is going to return */
typedef struct WatchReport
{
	MemoryContext context;		/* outlives the transactions of the call */
	ArrayBuildState *references;
} WatchReport;

/*
 * Watch nothing any longer.  Never throws.
 */
static void
watch_forget(void)
{
	for (int i = 0; i < watched_count; i++)
	{
		WakeNode   *node = &watched[i].node;

		wake_leave(node, WAKE_TO_GO);
		if (node->waiter >= 0)
			shared_give_waiters(1, &node->waiter);
	}
	watched_count = 0;
	watched_room = 0;
	watched = NULL;
	places = NULL;
	if (watch_context != NULL)
		MemoryContextReset(watch_context);
}

static void
watch_exit(int code, Datum arg)
{
	/* the session may end while a lock is held that is needed here */
	LWLockReleaseAll();
	watch_forget();
}

/*
 * Prepare to watch.
 */
static void
watch_begin(void)
{
	if (watch_context == NULL)
	{
		watch_context = AllocSetContextCreate(TopMemoryContext, "queue watch",
											  ALLOCSET_DEFAULT_SIZES);
		before_shmem_exit(watch_exit, (Datum) 0);
	}
	if (places == NULL)
		places = places_create(watch_context, 256, NULL);
}

/*
 * Put a queue among those to be returned.
 */
static void
watch_report(WatchReport *report, const char *reference)
{
	MemoryContext old = MemoryContextSwitchTo(report->context);

	report->references = accumArrayResult(report->references,
										  CStringGetTextDatum(reference), false,
										  TEXTOID, report->context);
	MemoryContextSwitchTo(old);
}

/*
 * Stop watching one.  The last one takes its place.
 */
static void
watch_drop(int number, WakeReason reason)
{
	Watched    *dropped = &watched[number];

	wake_leave(&dropped->node, reason);
	if (dropped->node.waiter >= 0)
		shared_give_waiters(1, &dropped->node.waiter);
	places_delete(places, dropped->reference);
	pfree(dropped->reference);
	if (number < --watched_count)
	{
		*dropped = watched[watched_count];
		places_lookup(places, dropped->reference)->number = number;
	}
}

/*
 * Watch a queue, unless it is watched already.  One that does not exist is
 * reported.
 */
static void
watch_add(const text *argument, WatchReport *report)
{
	char	   *reference = text_to_cstring(argument);
	QueueName	name;
	Queue		queue;
	Watched    *added;
	bool		found;

	if (places_lookup(places, reference) != NULL)
		return;
	if (*reference == '\0' || names_find(argument, &name) != NAME_VALID ||
		!catalog_lookup_name(&name, &queue))
	{
		watch_report(report, reference);
		return;
	}

	if (watched_count == watched_room)
	{
		int			room = Max(256, 2 * watched_room);
		Size		size = room * sizeof(Watched);

		watched = watched == NULL ? MemoryContextAllocHuge(watch_context, size) :
			repalloc_huge(watched, size);
		watched_room = room;
	}
	reference = MemoryContextStrdup(watch_context, reference);
	places_insert(places, reference, &found)->number = watched_count;
	added = &watched[watched_count++];
	added->reference = reference;
	added->queue_id = queue.queue_id;
	added->up = false;
	added->node.qs = NULL;
	added->node.waiter = -1;
	(void) shared_take_waiters(1, &added->node.waiter);
	wake_enter(&added->node, &queue, false);
}

static void
watch_remove(const text *reference)
{
	WatchPlace *place = places_lookup(places, text_to_cstring(reference));

	if (place != NULL)
		watch_drop(place->number, WAKE_TO_GO);
}

/*
 * See which queues may have a message: those that call, or whose time has come.
 * Others cost nothing but a glance.  Returns how many; lowers *until to when to
 * look again.  Who is gone is reported.
 */
static int
watch_look(TimestampTz *until, WatchReport *report)
{
	TimestampTz now = GetCurrentTimestamp();
	int			up = 0;

	for (int i = watched_count - 1; i >= 0; i--)
	{
		Watched    *one = &watched[i];

		if (wake_is_called(&one->node, now))
		{
			WakeLook	look = wake_look(&one->node);

			if (look == WAKE_GONE)
			{
				watch_report(report, one->reference);
				watch_drop(i, WAKE_TO_GO);
				continue;
			}
			one->up = (look == WAKE_UP);
			if (one->up)
				up++;
		}
		*until = Min(*until, one->node.due);
	}
	return up;
}

/*
 * Of those that may have one, report those that have.  The others wait on.
 */
static void
watch_probe(WatchReport *report)
{
	int			probes = 0;

	PushActiveSnapshot(GetTransactionSnapshot());
	for (int i = watched_count - 1; i >= 0; i--)
	{
		Watched    *one = &watched[i];
		Queue		queue;

		if (!one->up)
			continue;
		CHECK_FOR_INTERRUPTS();
		if (probes++ == WATCH_PROBES)
		{
			PopActiveSnapshot();
			SPI_commit();
			PushActiveSnapshot(GetTransactionSnapshot());
			probes = 0;
		}
		one->up = false;
		if (!catalog_lookup_id(one->queue_id, &queue) ||
			dequeue_messages(&queue, DEQUEUE_PROBE, 1, 0, NULL, NULL, NULL) > 0)
		{
			watch_report(report, one->reference);
			watch_drop(i, WAKE_TO_REPORT);
		}
		else
			wake_enter_again(&one->node);
	}
	PopActiveSnapshot();
}

/*
 * Sleep from here on without a snapshot and locks, and let the client know.
 */
static void
watch_idle(bool *told)
{
	SPI_commit();
	InvalidateCatalogSnapshot();
	if (!*told)
	{
		NotifyMyFrontEnd(WATCH_CHANNEL, psprintf(UINT64_FORMAT, watch_calls), MyProcPid);
		pq_flush();
		*told = true;
	}
}

/*
 * Wait until there is something to report, or the client has something to say.
 */
static void
watch_wait(TimestampTz deadline, WatchReport *report)
{
	bool		idle = false;	/* nothing to give up before we sleep */
	bool		told = false;

	for (;;)
	{
		TimestampTz until = deadline;
		int			up = watch_look(&until, report);

		if (up > 0)
		{
			idle = false;
			watch_probe(report);
		}
		if (report->references != NULL)
			return;
		if (up > 0)
			continue;
		if (GetCurrentTimestamp() >= deadline)
			return;
		if (!idle)
			watch_idle(&told);
		idle = true;
		if (wake_sleep_listening(until))
			return;
	}
}

/*
 * The elements of an argument that is an array, or NULL.
 */
static int
watch_argument(FunctionCallInfo fcinfo, int arg, Datum **references)
{
	bool	   *isnull;
	int			count = 0;

	if (PG_ARGISNULL(arg))
		return 0;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P_COPY(arg), TEXTOID, -1, false,
					  TYPALIGN_INT, references, &isnull, &count);
	for (int i = 0; i < count; i++)
	{
		if (isnull[i])
			report_missing_parameter("QueueUrl");
	}
	return count;
}

/*
 * Refuse to run where the transaction can't be ended; the time to wait.
 */
static int
watch_seconds(FunctionCallInfo fcinfo)
{
	PreventCommandDuringRecovery("queue.watch()");
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("queue.watch cannot run inside a transaction block"),
				 errhint("It ends its transaction before it waits. Call it outside of one.")));
	if (PG_ARGISNULL(2))
		report_missing_parameter("seconds");
	return report_integer_argument(fcinfo, 2, "seconds", 0, WATCH_SECONDS_MAX, 0);
}

/*
 * CALL queue.watch(add text[], remove text[], seconds int, INOUT ready text[])
 */
Datum
queue_watch(PG_FUNCTION_ARGS)
{
	TimestampTz deadline = GetCurrentTimestamp();
	WatchReport report = {.context = CurrentMemoryContext};
	Datum	   *references;
	int			count;
	TupleDesc	desc;
	Datum		value;
	bool		isnull = false;

	watch_calls++;
	SPI_connect_ext(SPI_OPT_NONATOMIC);
	PG_TRY();
	{
		deadline += watch_seconds(fcinfo) * USECS_PER_SEC;
		watch_begin();
		count = watch_argument(fcinfo, 1, &references);
		for (int i = 0; i < count; i++)
			watch_remove(DatumGetTextPP(references[i]));
		count = watch_argument(fcinfo, 0, &references);
		for (int i = 0; i < count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			watch_add(DatumGetTextPP(references[i]), &report);
		}
		watch_wait(deadline, &report);
	}
	PG_CATCH();
	{
		/* the error may have come while a lock was held that is needed here */
		LWLockReleaseAll();
		watch_forget();
		PG_RE_THROW();
	}
	PG_END_TRY();
	SPI_finish();

	if (report.references != NULL)
		value = makeArrayResult(report.references, CurrentMemoryContext);
	else
		value = PointerGetDatum(construct_empty_array(TEXTOID));
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	desc = BlessTupleDesc(desc);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, &value, &isnull)));
}
