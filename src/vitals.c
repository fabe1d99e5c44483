/*-------------------------------------------------------------------------
 *
 * vitals.c
 *		Signs of life of the background processes, in shared memory.
 *
 * The launcher and the workers come and go; what they leave here tells whether
 * they do, for sqs_health().  Nothing else depends on it.
 *
 * The launcher notes as well which transaction id was the next one, and when.  A
 * replication slot has a transaction id that holds back vacuum, but no time; from
 * this one can say since when it does.  When the notes are full, every second one
 * is dropped, so that they reach back to the start of the server, ever more
 * coarsely.
 *
 * All is lost in a crash and begins anew.  The lock is held for plain memory work
 * only, and no other lock is taken meanwhile.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "vitals.h"

/* Name of our shared memory and of its lock */
#define VITALS_NAME "queue vitals"

/* Databases whose rounds are noted: as many as shared.c knows of */
#define VITALS_DATABASES 256

/* Notes of transaction ids, and the least time between two of them */
#define VITALS_TICKS 128
#define VITALS_TICK (60 * USECS_PER_SEC)

/* Rounds in a database */
typedef struct VitalsRounds
{
	Oid			database;		/* invalid: free */
	TimestampTz begun_at;		/* the latest */
	TimestampTz ended_at;		/* the latest that came to its end */
	int			unfinished;
} VitalsRounds;

typedef struct VitalsTick
{
	FullTransactionId next;		/* had not been given out ... */
	TimestampTz at;				/* ... at this time */
} VitalsTick;

typedef struct VitalsShared
{
	TimestampTz known_since;	/* constant */
	TimestampTz launched_at;	/* this and all else guarded by the lock */
	TimestampTz awake_at;
	TimestampTz refused_at;
	int			tick_count;
	VitalsTick	ticks[VITALS_TICKS];	/* by time */
	VitalsRounds rounds[VITALS_DATABASES];
} VitalsShared;

static VitalsShared *shared = NULL;
static LWLock *lock = NULL;

static shmem_request_hook_type previous_shmem_request = NULL;
static shmem_startup_hook_type previous_shmem_startup = NULL;

static void
vitals_shmem_request(void)
{
	if (previous_shmem_request)
		previous_shmem_request();
	RequestAddinShmemSpace(MAXALIGN(sizeof(VitalsShared)));
	RequestNamedLWLockTranche(VITALS_NAME, 1);
}

static void
vitals_shmem_startup(void)
{
	bool		found;

	if (previous_shmem_startup)
		previous_shmem_startup();

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	shared = ShmemInitStruct(VITALS_NAME, sizeof(VitalsShared), &found);
	if (!found)
	{
		memset(shared, 0, sizeof(VitalsShared));
		shared->known_since = GetCurrentTimestamp();
	}
	lock = &GetNamedLWLockTranche(VITALS_NAME)->lock;
	LWLockRelease(AddinShmemInitLock);
}

/*
 * Ask for shared memory; called by _PG_init while libraries are preloaded.
 */
void
vitals_init(void)
{
	previous_shmem_request = shmem_request_hook;
	shmem_request_hook = vitals_shmem_request;
	previous_shmem_startup = shmem_startup_hook;
	shmem_startup_hook = vitals_shmem_startup;
}

void
vitals_note_launch(void)
{
	TimestampTz now = GetCurrentTimestamp();

	LWLockAcquire(lock, LW_EXCLUSIVE);
	shared->launched_at = shared->awake_at = now;
	shared->refused_at = 0;
	LWLockRelease(lock);
}

void
vitals_note_worker(bool started)
{
	TimestampTz now = GetCurrentTimestamp();

	LWLockAcquire(lock, LW_EXCLUSIVE);
	shared->awake_at = now;
	if (started)
		shared->refused_at = 0;
	else if (shared->refused_at == 0)
		shared->refused_at = now;
	LWLockRelease(lock);
}

/*
 * Note which transaction id is the next one, if the last note is old enough.
 */
void
vitals_note_time(void)
{
	FullTransactionId next = ReadNextFullTransactionId();
	TimestampTz now = GetCurrentTimestamp();
	int			n;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	shared->awake_at = now;
	n = shared->tick_count;
	if (n == 0 || now - shared->ticks[n - 1].at >= VITALS_TICK)
	{
		if (n == VITALS_TICKS)
		{
			n /= 2;
			for (int i = 1; i < n; i++)
				shared->ticks[i] = shared->ticks[2 * i];
		}
		shared->ticks[n].next = next;
		shared->ticks[n].at = now;
		shared->tick_count = n + 1;
	}
	LWLockRelease(lock);
}

TimestampTz
vitals_passed(FullTransactionId xid)
{
	TimestampTz at = 0;

	LWLockAcquire(lock, LW_SHARED);
	for (int i = 0; i < shared->tick_count && at == 0; i++)
		if (FullTransactionIdPrecedes(xid, shared->ticks[i].next))
			at = shared->ticks[i].at;
	LWLockRelease(lock);
	return at;
}

/*
 * The notes of this database's rounds, with the lock held; where there are none,
 * those that are unused, or were used longest ago, become it.
 */
static VitalsRounds *
vitals_rounds(void)
{
	VitalsRounds *oldest = &shared->rounds[0];

	for (int i = 0; i < VITALS_DATABASES; i++)
	{
		VitalsRounds *rounds = &shared->rounds[i];

		if (rounds->database == MyDatabaseId)
			return rounds;
		if (rounds->begun_at < oldest->begun_at)
			oldest = rounds;
	}
	memset(oldest, 0, sizeof(VitalsRounds));
	oldest->database = MyDatabaseId;
	return oldest;
}

void
vitals_note_begin(void)
{
	TimestampTz now = GetCurrentTimestamp();
	VitalsRounds *rounds;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	rounds = vitals_rounds();
	rounds->begun_at = now;
	rounds->unfinished++;
	LWLockRelease(lock);
}

void
vitals_note_end(void)
{
	TimestampTz now = GetCurrentTimestamp();
	VitalsRounds *rounds;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	rounds = vitals_rounds();
	rounds->ended_at = now;
	rounds->unfinished = 0;
	LWLockRelease(lock);
}

void
vitals_read(Vitals *vitals)
{
	memset(vitals, 0, sizeof(Vitals));
	LWLockAcquire(lock, LW_SHARED);
	vitals->known_since = shared->known_since;
	vitals->launched_at = shared->launched_at;
	vitals->awake_at = shared->awake_at;
	vitals->refused_at = shared->refused_at;
	for (int i = 0; i < VITALS_DATABASES; i++)
	{
		if (shared->rounds[i].database != MyDatabaseId)
			continue;
		vitals->ended_at = shared->rounds[i].ended_at;
		vitals->unfinished = shared->rounds[i].unfinished;
	}
	LWLockRelease(lock);
}
