/*-------------------------------------------------------------------------
 *
 * eventstate.c
 *		What processes know in common of event source mappings that are at work.
 *
 * Three short tables in shared memory, under one lock, that is held for a few
 * lines of plain memory work: the databases that have mappings, each with a
 * coordinator; the workers, each in a place that the coordinator has reserved for
 * it; and what became of each mapping's messages, for the view.  Nothing here is
 * needed after a crash: the rows say what is to be done.
 *
 * A worker may start late, when its place was given up and is another's: a
 * ticket, which grows with each reservation, tells.  A place that was reserved
 * and not taken for long is free again, since its worker was never started.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <signal.h>

#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "eventstate.h"

/* Databases that can have mappings at work at a time */
#define EVENT_DATABASES 256

/* Mappings of which the outcome is known; the one used longest ago gives way */
#define EVENT_OUTCOMES 512

/* After this time, a place that was reserved and not taken is free again */
#define EVENT_START_MAX (60 * USECS_PER_SEC)

/* The longest time that no worker is started, for the launcher's sake */
#define EVENT_ROOM_MAX (30 * USECS_PER_SEC)

/* The longest time that a database is kept free, should nobody end that */
#define EVENT_AWAY_MAX (60 * USECS_PER_SEC)

/* All guarded by the lock */
typedef struct EventDatabase
{
	Oid			database;		/* InvalidOid: free */
	int			pid;			/* of the coordinator; 0: none */
	Latch	   *latch;			/* likewise */
	bool		poked;			/* it is to read the mappings anew */
	TimestampTz away_until;
} EventDatabase;

/* All guarded by the lock, but that the worker itself reads leave and busy */
typedef struct EventPlace
{
	Oid			database;		/* InvalidOid: free */
	pg_uuid_t	mapping_id;
	uint32		ticket;
	TimestampTz reserved_at;
	int			pid;			/* 0: not taken yet */
	Latch	   *latch;			/* likewise NULL */
	bool		busy;
	bool		leave;
} EventPlace;

/* All guarded by the lock */
typedef struct EventOutcome
{
	Oid			database;		/* InvalidOid: free */
	pg_uuid_t	mapping_id;
	TimestampTz used_at;
	EventStatus status;			/* but workers */
} EventOutcome;

typedef struct EventShared
{
	LWLock		lock;
	int			tranche;		/* constant */
	Latch	   *launcher;		/* guarded by lock; NULL: none */
	bool		wanted;			/* likewise; a database is to be visited */
	TimestampTz room_until;		/* likewise; no worker is started before that */
	bool		is_short;		/* likewise; there were too few processes */
	uint32		ticket;			/* likewise; the last one */
	int			place_count;	/* constant */
	EventDatabase databases[EVENT_DATABASES];
	EventOutcome outcomes[EVENT_OUTCOMES];
	EventPlace	places[FLEXIBLE_ARRAY_MEMBER];
} EventShared;

static EventShared *shared = NULL;

/* What this process is */
static EventDatabase *my_database = NULL;
static EventPlace *my_place = NULL;

static shmem_request_hook_type previous_shmem_request = NULL;
static shmem_startup_hook_type previous_shmem_startup = NULL;

static Size
eventstate_size(void)
{
	return add_size(offsetof(EventShared, places),
					mul_size(Max(max_worker_processes, 1), sizeof(EventPlace)));
}

static void
eventstate_shmem_request(void)
{
	if (previous_shmem_request)
		previous_shmem_request();
	RequestAddinShmemSpace(eventstate_size());
}

static void
eventstate_shmem_startup(void)
{
	bool		found;

	if (previous_shmem_startup)
		previous_shmem_startup();

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	shared = ShmemInitStruct("queue event sources", eventstate_size(), &found);
	if (!found)
	{
		memset(shared, 0, eventstate_size());
		shared->tranche = LWLockNewTrancheId();
		LWLockInitialize(&shared->lock, shared->tranche);
		shared->place_count = Max(max_worker_processes, 1);
	}
	LWLockRelease(AddinShmemInitLock);
	LWLockRegisterTranche(shared->tranche, "queue_event_sources");
}

void
eventstate_init(void)
{
	previous_shmem_request = shmem_request_hook;
	shmem_request_hook = eventstate_shmem_request;
	previous_shmem_startup = shmem_startup_hook;
	shmem_startup_hook = eventstate_shmem_startup;
}

static bool
same_uuid(const pg_uuid_t *a, const pg_uuid_t *b)
{
	return memcmp(a, b, sizeof(pg_uuid_t)) == 0;
}

/*
 * The entry of a database, or NULL; made if wanted and there is room.  Lock held.
 */
static EventDatabase *
find_database(Oid database, bool make)
{
	EventDatabase *free_entry = NULL;
	TimestampTz now = GetCurrentTimestamp();

	for (int i = 0; i < EVENT_DATABASES; i++)
	{
		EventDatabase *entry = &shared->databases[i];

		if (entry->database == database)
			return entry;
		if (free_entry == NULL &&
			(!OidIsValid(entry->database) || (entry->pid == 0 && entry->away_until < now)))
			free_entry = entry;
	}
	if (!make || free_entry == NULL)
		return NULL;
	memset(free_entry, 0, sizeof(EventDatabase));
	free_entry->database = database;
	return free_entry;
}

static void
launcher_exit(int code, Datum arg)
{
	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	shared->launcher = NULL;
	LWLockRelease(&shared->lock);
}

void
eventstate_set_launcher(void)
{
	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	shared->launcher = MyLatch;
	shared->wanted = false;
	LWLockRelease(&shared->lock);
	before_shmem_exit(launcher_exit, (Datum) 0);
}

bool
eventstate_is_wanted(void)
{
	bool		wanted;

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	wanted = shared->wanted;
	shared->wanted = false;
	LWLockRelease(&shared->lock);
	return wanted;
}

/*
 * Become the coordinator of a database.
 */
bool
eventstate_enter(Oid database)
{
	EventDatabase *entry;

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	entry = find_database(database, true);
	if (entry != NULL && entry->pid == 0 && entry->away_until <= GetCurrentTimestamp())
	{
		entry->pid = MyProcPid;
		entry->latch = MyLatch;
		entry->poked = false;	/* it is about to read them anyway */
		my_database = entry;
	}
	LWLockRelease(&shared->lock);
	return my_database != NULL;
}

void
eventstate_leave(void)
{
	if (my_database == NULL)
		return;
	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	my_database->pid = 0;
	my_database->latch = NULL;
	if (my_database->poked && shared->launcher != NULL)
	{
		/* that came after the last look: it is for another coordinator */
		shared->wanted = true;
		SetLatch(shared->launcher);
	}
	LWLockRelease(&shared->lock);
	my_database = NULL;
}

bool
eventstate_is_coordinated(Oid database)
{
	EventDatabase *entry;
	bool		coordinated;

	LWLockAcquire(&shared->lock, LW_SHARED);
	entry = find_database(database, false);
	coordinated = entry != NULL && entry->pid != 0;
	LWLockRelease(&shared->lock);
	return coordinated;
}

/*
 * Set the latch of this database's coordinator, or where there is none have the
 * launcher send a worker, which starts one.
 */
void
eventstate_poke(void)
{
	EventDatabase *entry;

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	entry = find_database(MyDatabaseId, false);
	if (entry != NULL && entry->pid != 0)
	{
		entry->poked = true;
		SetLatch(entry->latch);
	}
	else if (shared->launcher != NULL)
	{
		shared->wanted = true;
		SetLatch(shared->launcher);
	}
	LWLockRelease(&shared->lock);
}

bool
eventstate_is_poked(void)
{
	bool		poked;

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	poked = my_database->poked;
	my_database->poked = false;
	LWLockRelease(&shared->lock);
	return poked;
}

/*
 * Have the processes of a database leave.  What they are at is rolled back.
 */
void
eventstate_keep_away(Oid database)
{
	EventDatabase *entry;

	if (!OidIsValid(database))
		return;
	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	entry = find_database(database, true);
	if (entry != NULL)
	{
		entry->away_until = GetCurrentTimestamp() + EVENT_AWAY_MAX;
		if (entry->pid != 0)
			kill(entry->pid, SIGTERM);
	}
	for (int i = 0; i < shared->place_count; i++)
	{
		EventPlace *place = &shared->places[i];

		if (place->database == database && place->pid != 0)
			kill(place->pid, SIGTERM);
	}
	LWLockRelease(&shared->lock);
}

void
eventstate_let_back(Oid database)
{
	EventDatabase *entry;

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	entry = find_database(database, false);
	if (entry != NULL)
		entry->away_until = 0;
	LWLockRelease(&shared->lock);
}

/*
 * Whether a place is a worker's, be that at work or about to be started.
 */
static bool
place_is_used(const EventPlace *place, TimestampTz now)
{
	return OidIsValid(place->database) &&
		(place->pid != 0 || now < place->reserved_at + EVENT_START_MAX);
}

/*
 * Reserve a place for a worker.
 */
int
eventstate_reserve(const pg_uuid_t *mapping_id, uint32 *ticket)
{
	TimestampTz now = GetCurrentTimestamp();
	int			found = -1;

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < shared->place_count && found < 0 && now >= shared->room_until; i++)
	{
		EventPlace *place = &shared->places[i];

		if (place_is_used(place, now))
			continue;
		memset(place, 0, sizeof(EventPlace));
		place->database = MyDatabaseId;
		place->mapping_id = *mapping_id;
		place->ticket = *ticket = ++shared->ticket;
		place->reserved_at = now;
		found = i;
	}
	LWLockRelease(&shared->lock);
	return found;
}

void
eventstate_cancel(int number, uint32 ticket)
{
	EventPlace *place = &shared->places[number];

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	if (place->ticket == ticket && place->pid == 0)
		place->database = InvalidOid;
	LWLockRelease(&shared->lock);
}

/*
 * Take a place that was reserved; the worker that does counts as at work until it
 * has found that there is nothing.
 */
bool
eventstate_take(int number, uint32 ticket, Oid *database, pg_uuid_t *mapping_id)
{
	EventPlace *place = &shared->places[number];
	EventDatabase *entry;

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	if (OidIsValid(place->database) && place->ticket == ticket && place->pid == 0)
	{
		entry = find_database(place->database, false);
		if (entry != NULL && entry->away_until <= GetCurrentTimestamp())
		{
			place->pid = MyProcPid;
			place->latch = MyLatch;
			place->busy = true;
			*database = place->database;
			*mapping_id = place->mapping_id;
			my_place = place;
		}
		else
			place->database = InvalidOid;
	}
	LWLockRelease(&shared->lock);
	return my_place != NULL;
}

void
eventstate_give_back(void)
{
	EventDatabase *entry;

	if (my_place == NULL)
		return;
	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	entry = find_database(my_place->database, false);
	my_place->database = InvalidOid;
	my_place->pid = 0;
	my_place->latch = NULL;
	if (entry != NULL && entry->pid != 0)
		SetLatch(entry->latch);
	if (shared->room_until != 0 && shared->launcher != NULL)
		SetLatch(shared->launcher);
	LWLockRelease(&shared->lock);
	my_place = NULL;
}

void
eventstate_set_busy(bool busy)
{
	EventDatabase *entry;

	/* nobody else changes it */
	if (my_place->busy == busy)
		return;
	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	my_place->busy = busy;
	entry = busy ? find_database(my_place->database, false) : NULL;
	if (entry != NULL && entry->pid != 0)
		SetLatch(entry->latch);
	LWLockRelease(&shared->lock);
}

bool
eventstate_must_leave(void)
{
	return ((volatile EventPlace *) my_place)->leave;
}

/*
 * Ask the worker in a place to leave.  Lock held.
 */
static void
dismiss(EventPlace *place)
{
	place->leave = true;
	if (place->latch != NULL)
		SetLatch(place->latch);
}

/*
 * Ask the workers of a mapping to leave that are too many.
 */
void
eventstate_dismiss(const pg_uuid_t *mapping_id, int keep)
{
	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < shared->place_count; i++)
	{
		EventPlace *place = &shared->places[i];

		if (place->database == MyDatabaseId && !place->leave &&
			same_uuid(&place->mapping_id, mapping_id) && keep-- <= 0)
			dismiss(place);
	}
	LWLockRelease(&shared->lock);
}

/*
 * How many workers the mapping of a place has.  Lock held.
 */
static int
count_workers(const EventPlace *place)
{
	int			count = 0;

	for (int i = 0; i < shared->place_count; i++)
	{
		const EventPlace *other = &shared->places[i];

		if (other->database == place->database && !other->leave &&
			same_uuid(&other->mapping_id, &place->mapping_id))
			count++;
	}
	return count;
}

/*
 * Ask a worker of the mapping that has most of them to leave.  Lock held.
 */
static void
dismiss_most(int at_least)
{
	EventPlace *most = NULL;
	int			most_count = at_least - 1;

	for (int i = 0; i < shared->place_count; i++)
	{
		EventPlace *place = &shared->places[i];
		int			count;

		if (!OidIsValid(place->database) || place->pid == 0 || place->leave)
			continue;
		count = count_workers(place);
		if (count > most_count)
		{
			most = place;
			most_count = count;
		}
	}
	if (most != NULL)
		dismiss(most);
}

void
eventstate_dismiss_most(int at_least)
{
	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	dismiss_most(at_least);
	LWLockRelease(&shared->lock);
}

void
eventstate_make_room(bool wanted)
{
	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	shared->room_until = 0;
	if (wanted)
	{
		shared->room_until = GetCurrentTimestamp() + EVENT_ROOM_MAX;
		dismiss_most(1);
	}
	LWLockRelease(&shared->lock);
}

/*
 * What became of a mapping's messages, or NULL; made if wanted.  Lock held.
 */
static EventOutcome *
find_outcome(const pg_uuid_t *mapping_id, bool make)
{
	static int	last = 0;		/* a process mostly asks for the same one */
	EventOutcome *oldest = &shared->outcomes[0];

	if (shared->outcomes[last].database == MyDatabaseId &&
		same_uuid(&shared->outcomes[last].mapping_id, mapping_id))
		return &shared->outcomes[last];
	for (int i = 0; i < EVENT_OUTCOMES; i++)
	{
		EventOutcome *outcome = &shared->outcomes[i];

		if (outcome->database == MyDatabaseId && same_uuid(&outcome->mapping_id, mapping_id))
		{
			last = i;
			return outcome;
		}
		if (OidIsValid(oldest->database) &&
			(!OidIsValid(outcome->database) || outcome->used_at < oldest->used_at))
			oldest = outcome;
	}
	if (!make)
		return NULL;
	memset(oldest, 0, sizeof(EventOutcome));
	oldest->database = MyDatabaseId;
	oldest->mapping_id = *mapping_id;
	oldest->used_at = GetCurrentTimestamp();
	return oldest;
}

void
eventstate_note_processed(const pg_uuid_t *mapping_id, int64 processed, int64 failed)
{
	EventOutcome *outcome;

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	outcome = find_outcome(mapping_id, true);
	outcome->used_at = GetCurrentTimestamp();
	outcome->status.processed += processed;
	outcome->status.failed += failed;
	if (processed > 0)
		outcome->status.last_processed = outcome->used_at;
	LWLockRelease(&shared->lock);
}

void
eventstate_note_error(const pg_uuid_t *mapping_id, const char *error)
{
	EventOutcome *outcome;
	int			length = pg_mbcliplen(error, strlen(error), EVENT_ERROR_MAX - 1);

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	outcome = find_outcome(mapping_id, true);
	outcome->used_at = outcome->status.last_error_at = GetCurrentTimestamp();
	memcpy(outcome->status.last_error, error, length);
	outcome->status.last_error[length] = '\0';
	LWLockRelease(&shared->lock);
}

void
eventstate_note_starved(const pg_uuid_t *mapping_id, bool starved)
{
	EventOutcome *outcome;

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	outcome = find_outcome(mapping_id, starved);
	if (outcome != NULL)
		outcome->status.starved = starved;
	LWLockRelease(&shared->lock);
}

void
eventstate_forget(const pg_uuid_t *mapping_id)
{
	EventOutcome *outcome;

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	outcome = find_outcome(mapping_id, false);
	if (outcome != NULL)
		outcome->database = InvalidOid;
	LWLockRelease(&shared->lock);
}

int
eventstate_workers(const pg_uuid_t *mapping_id, int *busy)
{
	TimestampTz now = GetCurrentTimestamp();
	int			workers = 0;

	*busy = 0;
	LWLockAcquire(&shared->lock, LW_SHARED);
	for (int i = 0; i < shared->place_count; i++)
	{
		const EventPlace *place = &shared->places[i];

		if (place->database != MyDatabaseId || !same_uuid(&place->mapping_id, mapping_id) ||
			!place_is_used(place, now))
			continue;
		workers++;
		if (place->busy || place->pid == 0)
			(*busy)++;
	}
	LWLockRelease(&shared->lock);
	return workers;
}

void
eventstate_read(const pg_uuid_t *mapping_id, EventStatus *status)
{
	EventOutcome *outcome;
	int			busy;

	LWLockAcquire(&shared->lock, LW_SHARED);
	outcome = find_outcome(mapping_id, false);
	if (outcome != NULL)
		*status = outcome->status;
	else
		memset(status, 0, sizeof(EventStatus));
	LWLockRelease(&shared->lock);
	status->workers = eventstate_workers(mapping_id, &busy);
}

bool
eventstate_set_short(bool is_short)
{
	bool		before;

	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
	before = shared->is_short;
	shared->is_short = is_short;
	LWLockRelease(&shared->lock);
	return before;
}

bool
eventstate_is_short(void)
{
	bool		is_short;

	LWLockAcquire(&shared->lock, LW_SHARED);
	is_short = shared->is_short;
	LWLockRelease(&shared->lock);
	return is_short;
}
