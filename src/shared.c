/*-------------------------------------------------------------------------
 *
 * shared.c
 *		What sessions know of a queue in common, in shared memory.
 *
 * The fixed part of shared memory holds a registry: a hash table from
 * (database, table of messages) to the queues' entries, and the first megabyte
 * of a DSA area, which grows by itself and in which the entries, and whatever
 * they point to, live.  The registry's lock guards the hash chains and the
 * free list; each entry has a lock of its own.
 *
 * The key is the table's OID and not the queue's number, so that a queue that
 * comes back by a restore, or after DROP EXTENSION, starts with a clean entry.
 *
 * Everything here may vanish at any time: after a crash or a promotion all
 * entries are made anew, empty, and an empty entry is always correct.
 *
 * What entries point to is limited, by queue.shared_memory_limit; the entries
 * are not.  Each can do without anything else, if less exactly.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <signal.h>

#include "access/genam.h"
#include "access/xlog.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/shmem.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "census.h"
#include "compat.h"
#include "sequence.h"
#include "settings.h"
#include "shared.h"

/* Bytes of the DSA area that are part of the server's main segment */
#define SHARED_AREA_SIZE ((Size) 1024 * 1024)

/*
 * Sleepers, of 24 bytes: each session can wait for one queue, and these for more
 * of them.  A wait that finds too few looks now and then instead of sleeping.
 */
#define SHARED_WAITERS_MORE 16384

/* Hash chains in the registry; chains stay short up to 10,000 queues */
#define SHARED_BUCKETS 1024

/* Databases the launcher learns of at once; it finds more by looking */
#define SHARED_DATABASES 256

/* Ids that one value of queue.message_id_seq stands for */
#define SHARED_BLOCK 4096

/* The longest time the worker is kept away, should nobody let it back */
#define SHARED_AWAY_MAX (60 * USECS_PER_SEC)

typedef struct SharedRegistry
{
	LWLock		lock;
	int			tranche;		/* of all our locks; constant */
	pg_atomic_uint64 allocated; /* bytes of what entries point to */
	dsa_pointer free_list;		/* guarded by lock */
	int			free_waiter;	/* guarded by lock; -1: none */
	int			database_count; /* guarded by lock */
	Oid			databases[SHARED_DATABASES];	/* guarded by lock */
	int			launcher_pid;	/* guarded by lock; 0: none */
	int			worker_pid;		/* guarded by lock; 0: none */
	TimestampTz away_until;		/* guarded by lock; no worker before that */
	dsa_pointer buckets[SHARED_BUCKETS];	/* guarded by lock */
} SharedRegistry;

typedef struct SharedCacheEntry
{
	Oid			relid;			/* hash key */
	QueueShared *qs;
} SharedCacheEntry;

static SharedRegistry *registry = NULL;
static SharedWaiter *waiters = NULL;
static void *area_place = NULL;
static dsa_area *area = NULL;
static HTAB *cache = NULL;

static shmem_request_hook_type previous_shmem_request = NULL;
static shmem_startup_hook_type previous_shmem_startup = NULL;

static Size
shared_waiters_size(void)
{
	return mul_size(add_size(MaxBackends, SHARED_WAITERS_MORE), sizeof(SharedWaiter));
}

static void
shared_shmem_request(void)
{
	if (previous_shmem_request)
		previous_shmem_request();
	RequestAddinShmemSpace(add_size(MAXALIGN(sizeof(SharedRegistry)),
									add_size(SHARED_AREA_SIZE,
											 shared_waiters_size())));
}

static void
shared_shmem_startup(void)
{
	bool		found;

	if (previous_shmem_startup)
		previous_shmem_startup();

	/* this may be a restart within the postmaster */
	registry = NULL;
	area = NULL;
	cache = NULL;

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	registry = ShmemInitStruct("queue registry", sizeof(SharedRegistry), &found);
	if (!found)
	{
		memset(registry, 0, sizeof(SharedRegistry));
		registry->tranche = LWLockNewTrancheId();
		LWLockInitialize(&registry->lock, registry->tranche);
		pg_atomic_init_u64(&registry->allocated, 0);
	}
	waiters = ShmemInitStruct("queue waiters", shared_waiters_size(), &found);
	if (!found)
	{
		int			count = MaxBackends + SHARED_WAITERS_MORE;

		for (int i = 0; i < count; i++)
			waiters[i].next = i + 1 < count ? i + 1 : -1;
		registry->free_waiter = 0;
	}
	area_place = ShmemInitStruct("queue area", SHARED_AREA_SIZE, &found);
	if (!found)
	{
		dsa_area   *new_area;

		new_area = dsa_create_in_place(area_place, SHARED_AREA_SIZE,
									   registry->tranche, NULL);
		dsa_pin(new_area);
		dsa_detach(new_area);
	}
	LWLockRelease(AddinShmemInitLock);
	LWLockRegisterTranche(registry->tranche, "queue");
}

/*
 * Ask for shared memory; called by _PG_init while libraries are preloaded.
 */
void
shared_init(void)
{
	previous_shmem_request = shmem_request_hook;
	shmem_request_hook = shared_shmem_request;
	previous_shmem_startup = shmem_startup_hook;
	shmem_startup_hook = shared_shmem_startup;
}

/*
 * The DSA area, attached at first use for the life of the process.
 */
dsa_area *
shared_area(void)
{
	if (area == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

		Assert(registry != NULL);
		LWLockRegisterTranche(registry->tranche, "queue");
		area = dsa_attach_in_place(area_place, NULL);
		dsa_pin_mapping(area);
		on_shmem_exit(dsa_on_shmem_exit_release_in_place,
					  PointerGetDatum(area_place));
		MemoryContextSwitchTo(old);
	}
	return area;
}

/*
 * Memory for what an entry points to, within the limit.
 */
dsa_pointer
shared_allocate(QueueShared *qs, Size size)
{
	uint64		limit = (uint64) setting_shared_memory_limit * 1024;
	dsa_pointer at = InvalidDsaPointer;

	if (pg_atomic_read_u64(&registry->allocated) + size <= limit)
		at = dsa_allocate_extended(shared_area(), size,
								   DSA_ALLOC_NO_OOM | DSA_ALLOC_ZERO);
	/* counted after, as it may fail with an error all the same */
	if (DsaPointerIsValid(at))
	{
		qs->allocated += size;
		pg_atomic_add_fetch_u64(&registry->allocated, size);
	}
	return at;
}

void
shared_free(QueueShared *qs, dsa_pointer at, Size size)
{
	dsa_free(shared_area(), at);
	qs->allocated -= size;
	pg_atomic_sub_fetch_u64(&registry->allocated, size);
}

/*
 * Forget who had a segment open.
 */
void
shared_free_writers(QueueShared *qs, int segment)
{
	dsa_pointer at = qs->writers[segment - 1];

	if (DsaPointerIsValid(at))
		shared_free(qs, at, ((Writers *) dsa_get_address(shared_area(), at))->size);
	qs->writers[segment - 1] = InvalidDsaPointer;
}

/*
 * Bytes that all entries point to.
 */
uint64
shared_allocated(void)
{
	return pg_atomic_read_u64(&registry->allocated);
}

static dsa_pointer *
shared_bucket(Oid database, Oid relid)
{
	uint32		hash = hash_combine(murmurhash32(database), murmurhash32(relid));

	return &registry->buckets[hash % SHARED_BUCKETS];
}

/*
 * Make an entry what it is for a queue nobody has looked at yet.
 */
static void
shared_reset(QueueShared *qs, const Queue *queue)
{
	/* what is not named is 0, or invalid, which is the same */
	memset((char *) qs + offsetof(QueueShared, allocated), 0,
		   sizeof(QueueShared) - offsetof(QueueShared, allocated));
	qs->database = MyDatabaseId;
	qs->relid = queue->relid;
	qs->queue_id = queue->queue_id;
	pg_atomic_init_u64(&qs->rotations, 0);
	qs->written_seen = -1;
	qs->schedule_capacity = SHARED_FEW;
	qs->waiters_first = -1;
	qs->waiters_last = -1;
	qs->leader_until = DT_NOEND;
	qs->swept_purge = -1;
	qs->swept_oldest = DT_NOBEGIN;
	qs->reset_at = GetCurrentTimestamp();
}

/*
 * Find the queue's entry in the registry.  Registry lock held.
 */
static QueueShared *
shared_search(const Queue *queue)
{
	dsa_area   *dsa = shared_area();
	dsa_pointer at = *shared_bucket(MyDatabaseId, queue->relid);

	while (DsaPointerIsValid(at))
	{
		QueueShared *qs = dsa_get_address(dsa, at);

		if (qs->database == MyDatabaseId && qs->relid == queue->relid)
			return qs;
		at = qs->next;
	}
	return NULL;
}

/*
 * Find the queue's entry in the registry, or make it.
 */
static QueueShared *
shared_find(const Queue *queue)
{
	dsa_area   *dsa = shared_area();
	dsa_pointer *bucket = shared_bucket(MyDatabaseId, queue->relid);
	dsa_pointer at;
	QueueShared *qs;

	LWLockAcquire(&registry->lock, LW_EXCLUSIVE);
	qs = shared_search(queue);
	if (qs != NULL)
	{
		LWLockRelease(&registry->lock);
		return qs;
	}

	at = registry->free_list;
	if (DsaPointerIsValid(at))
	{
		qs = dsa_get_address(dsa, at);
		registry->free_list = qs->next;
	}
	else
	{
		at = dsa_allocate(dsa, sizeof(QueueShared));
		qs = dsa_get_address(dsa, at);
		LWLockInitialize(&qs->lock, registry->tranche);
	}
	/* an old pointer may still lead others here, so change it under its lock */
	LWLockAcquire(&qs->lock, LW_EXCLUSIVE);
	shared_reset(qs, queue);
	LWLockRelease(&qs->lock);
	qs->next = *bucket;
	*bucket = at;
	LWLockRelease(&registry->lock);

	/* the launcher may have found no queues here so far */
	shared_announce_database();
	return qs;
}

/*
 * Lock an entry if it is still that of the queue with this table.
 */
bool
shared_reacquire(QueueShared *qs, Oid relid)
{
	LWLockAcquire(&qs->lock, LW_EXCLUSIVE);
	if (likely(qs->relid == relid && qs->database == MyDatabaseId))
		return true;
	LWLockRelease(&qs->lock);
	return false;
}

/*
 * Map what the callbacks at a transaction's end look at: they must not fail.
 */
static void
shared_map(QueueShared *qs)
{
	const dsa_pointer all[] = {qs->histogram, qs->recount_snapshot, qs->fair};

	for (int i = 0; i < lengthof(all); i++)
		if (DsaPointerIsValid(all[i]))
			(void) dsa_get_address(area, all[i]);
}

/*
 * The queue's entry, made if need be, with its lock held exclusively.
 */
QueueShared *
shared_acquire(const Queue *queue)
{
	SharedCacheEntry *entry;
	bool		found;

	Assert(OidIsValid(queue->relid));
	if (unlikely(cache == NULL))
	{
		HASHCTL		ctl;

		ctl.keysize = sizeof(Oid);
		ctl.entrysize = sizeof(SharedCacheEntry);
		ctl.hcxt = TopMemoryContext;
		cache = hash_create("queue entries", 64, &ctl,
							HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}

	for (;;)
	{
		entry = hash_search(cache, &queue->relid, HASH_FIND, NULL);
		if (likely(entry != NULL) && shared_reacquire(entry->qs, queue->relid))
		{
			shared_map(entry->qs);
			return entry->qs;
		}

		/* not seen yet, or recycled since */
		{
			QueueShared *qs = shared_find(queue);

			entry = hash_search(cache, &queue->relid, HASH_ENTER, &found);
			entry->qs = qs;
		}
	}
}

/*
 * The queue's entry, locked, if there is one.
 */
QueueShared *
shared_acquire_known(const Queue *queue)
{
	QueueShared *qs;

	LWLockAcquire(&registry->lock, LW_SHARED);
	qs = shared_search(queue);
	LWLockRelease(&registry->lock);
	return qs != NULL && shared_reacquire(qs, queue->relid) ? qs : NULL;
}

/*
 * Unlock an entry.
 */
void
shared_release(QueueShared *qs)
{
	LWLockRelease(&qs->lock);
}

/*
 * Make known which segments are in use.
 */
void
shared_know_segments(QueueShared *qs, const Queue *queue)
{
	if (unlikely(pg_atomic_read_u64(&qs->rotations) < (uint64) queue->rotations))
		pg_atomic_write_u64(&qs->rotations, queue->rotations);
}

/*
 * Where the queue's row tells of fewer changes than are known here, it was
 * changed by hand, or restored: it is right.
 */
void
shared_correct_segments(const Queue *queue)
{
	QueueShared *qs = shared_acquire(queue);

	if (pg_atomic_read_u64(&qs->rotations) > (uint64) queue->rotations)
		pg_atomic_write_u64(&qs->rotations, queue->rotations);
	shared_release(qs);
}

SharedWaiter *
shared_waiter(int number)
{
	return &waiters[number];
}

/*
 * Take sleepers for a wait, or none of them if there are too few.
 */
bool
shared_take_waiters(int count, int *numbers)
{
	int			taken = 0;

	LWLockAcquire(&registry->lock, LW_EXCLUSIVE);
	while (taken < count && registry->free_waiter >= 0)
	{
		numbers[taken] = registry->free_waiter;
		registry->free_waiter = waiters[numbers[taken++]].next;
	}
	LWLockRelease(&registry->lock);
	if (taken == count)
		return true;
	shared_give_waiters(taken, numbers);
	return false;
}

/*
 * Give sleepers back; they are in no list.
 */
void
shared_give_waiters(int count, const int *numbers)
{
	LWLockAcquire(&registry->lock, LW_EXCLUSIVE);
	for (int i = 0; i < count; i++)
	{
		waiters[numbers[i]].next = registry->free_waiter;
		registry->free_waiter = numbers[i];
	}
	LWLockRelease(&registry->lock);
}

/*
 * Fetch the first id of a new block, greater than every id in the table.
 *
 * The sequence's value is flushed to disk before it is used: ids are handed
 * out in shared memory, and a transaction that commits asynchronously must
 * not leave ids behind that a crash would hand out again.
 */
static int64
shared_next_block(const Queue *queue, bool check_table)
{
	Oid			sequence = catalog_relation("message_id_seq");
	Oid			owner = catalog_extension_owner();
	int64		block = sequence_advance(sequence, owner, SHARED_BLOCK);

	if (check_table)
	{
		int64		max = census_max_id(queue);

		/* a restore may have brought rows from elsewhere */
		if (block <= max)
			block = sequence_advance(sequence, owner,
									 (max - block) / SHARED_BLOCK * SHARED_BLOCK + SHARED_BLOCK);
	}
	XLogFlush(XactLastRecEnd);
	return block;
}

/*
 * Ids for count messages, in order, as runs of adjacent ids.  Returns the
 * number of runs, at most SHARED_RUNS_MAX; or 0: see shared.h.
 */
int
shared_allocate_ids(const Queue *queue, int count, IdRange *runs)
{
	int			n = 0;
	int			left = count;
	int64		block = 0;
	bool		first;

	Assert(count <= BATCH_MAX);
	for (;;)
	{
		QueueShared *qs = shared_acquire(queue);

		shared_know_segments(qs, queue);
		if (unlikely(pg_atomic_read_u64(&qs->rotations) > (uint64) queue->rotations))
		{
			shared_release(qs);
			return 0;
		}
		if (block != 0)
		{
			/* a purge, or a later block, may have come between: too old */
			if (block < Max(qs->retired, qs->block_end))
				block = 0;

			/* whoever was faster has its block used up first */
			else if (qs->next_id >= qs->block_end)
			{
				qs->next_id = block;
				qs->block_end = block + SHARED_BLOCK;
				block = 0;
			}
		}
		if (qs->next_id < qs->block_end)
		{
			int64		take = Min((int64) left, qs->block_end - qs->next_id);

			if (n > 0 && runs[n - 1].hi == qs->next_id)
				runs[n - 1].hi += take;
			else
			{
				runs[n].lo = qs->next_id;
				runs[n].hi = qs->next_id + take;
				n++;
			}
			qs->next_id += take;
			left -= take;
		}
		first = (qs->block_end == 0);
		shared_release(qs);

		if (left == 0)
			return n;
		if (n == SHARED_RUNS_MAX)
			elog(ERROR, "too many runs of message ids");
		if (block == 0)
			block = shared_next_block(queue, first);
	}
}

/*
 * See shared.h.  Retires the block being dealt out, so that later sends begin
 * a new one, which lies above the mark.
 */
int64
shared_purge_mark(const Queue *queue)
{
	int64		mark = shared_next_block(queue, true);
	QueueShared *qs = shared_acquire(queue);

	if (qs->next_id < mark)
		qs->next_id = qs->block_end;
	qs->retired = Max(qs->retired, mark);
	shared_release(qs);
	return mark;
}

/*
 * Give up the entries of a database's queues, but those that keep() keeps: it is
 * called with the registry's lock held and must do plain memory work only.
 * release() frees what the entry points to, with the entry's lock held.
 * Whoever sleeps on such a queue has been woken when it was deleted.
 */
void
shared_forget(Oid database,
			  bool (*keep) (Oid relid, int64 queue_id, void *arg),
			  void (*release) (QueueShared *qs), void *arg)
{
	dsa_area   *dsa = shared_area();

	LWLockAcquire(&registry->lock, LW_EXCLUSIVE);
	for (int i = 0; i < SHARED_BUCKETS; i++)
	{
		dsa_pointer *link = &registry->buckets[i];

		while (DsaPointerIsValid(*link))
		{
			dsa_pointer at = *link;
			QueueShared *qs = dsa_get_address(dsa, at);
			bool		busy;

			if (qs->database != database ||
				(keep != NULL && keep(qs->relid, qs->queue_id, arg)))
			{
				link = &qs->next;
				continue;
			}
			LWLockAcquire(&qs->lock, LW_EXCLUSIVE);
			busy = qs->waiters_first >= 0 || qs->recounting;
			if (!busy)
			{
				release(qs);
				qs->relid = InvalidOid;
				qs->database = InvalidOid;
			}
			LWLockRelease(&qs->lock);
			if (busy)
			{
				link = &qs->next;
				continue;
			}
			*link = qs->next;
			qs->next = registry->free_list;
			registry->free_list = at;
		}
	}
	LWLockRelease(&registry->lock);
}

/*
 * The tables that this database has entries for.  Returns how many.
 */
int
shared_tables(Oid **relids)
{
	dsa_area   *dsa = shared_area();
	int			room = 1024;
	int			count;

	*relids = palloc(room * sizeof(Oid));
	for (;;)
	{
		count = 0;
		LWLockAcquire(&registry->lock, LW_SHARED);
		for (int i = 0; i < SHARED_BUCKETS; i++)
		{
			dsa_pointer at = registry->buckets[i];

			while (DsaPointerIsValid(at))
			{
				QueueShared *qs = dsa_get_address(dsa, at);

				if (qs->database == MyDatabaseId && count++ < room)
					(*relids)[count - 1] = qs->relid;
				at = qs->next;
			}
		}
		LWLockRelease(&registry->lock);
		if (count <= room)
			return count;
		room = 2 * count;
		*relids = repalloc_huge(*relids, room * sizeof(Oid));
	}
}

/*
 * Let the launcher know that this database has queues.
 */
void
shared_announce_database(void)
{
	int			launcher = 0;
	bool		known = false;

	LWLockAcquire(&registry->lock, LW_EXCLUSIVE);
	for (int i = 0; i < registry->database_count; i++)
		known = known || registry->databases[i] == MyDatabaseId;
	if (!known && registry->database_count < SHARED_DATABASES)
	{
		registry->databases[registry->database_count++] = MyDatabaseId;
		launcher = registry->launcher_pid;
	}
	LWLockRelease(&registry->lock);

	if (launcher != 0)
	{
		PGPROC	   *proc = BackendPidGetProc(launcher);

		if (proc != NULL)
			SetLatch(&proc->procLatch);
	}
}

/*
 * Copy the OIDs of the databases known to have queues; returns how many.
 */
int
shared_databases(Oid *databases, int max)
{
	int			count;

	LWLockAcquire(&registry->lock, LW_SHARED);
	count = Min(registry->database_count, max);
	memcpy(databases, registry->databases, count * sizeof(Oid));
	LWLockRelease(&registry->lock);
	return count;
}

/*
 * Forget a database that has no queues, or is no more.
 */
void
shared_forget_database(Oid database)
{
	LWLockAcquire(&registry->lock, LW_EXCLUSIVE);
	for (int i = 0; i < registry->database_count; i++)
	{
		if (registry->databases[i] == database)
		{
			registry->databases[i] =
				registry->databases[--registry->database_count];
			break;
		}
	}
	LWLockRelease(&registry->lock);
}

/*
 * Name the process that announcements of databases should wake; 0: none.
 */
void
shared_set_launcher(int pid)
{
	LWLockAcquire(&registry->lock, LW_EXCLUSIVE);
	registry->launcher_pid = pid;
	LWLockRelease(&registry->lock);
}

/*
 * Name the worker that runs, or 0 when it leaves.  False if it has to keep
 * away: then it must leave at once.
 */
bool
shared_set_worker(int pid)
{
	bool		welcome;

	LWLockAcquire(&registry->lock, LW_EXCLUSIVE);
	welcome = pid == 0 || GetCurrentTimestamp() >= registry->away_until;
	registry->worker_pid = welcome ? pid : 0;
	LWLockRelease(&registry->lock);
	return welcome;
}

/*
 * Have the worker leave and keep it away.  It works in small transactions, so
 * ending it loses nothing.
 */
void
shared_keep_worker_away(void)
{
	LWLockAcquire(&registry->lock, LW_EXCLUSIVE);
	registry->away_until = GetCurrentTimestamp() + SHARED_AWAY_MAX;
	if (registry->worker_pid != 0)
		kill(registry->worker_pid, SIGTERM);
	LWLockRelease(&registry->lock);
}

/*
 * Let the worker come again.
 */
void
shared_let_worker_back(void)
{
	LWLockAcquire(&registry->lock, LW_EXCLUSIVE);
	registry->away_until = 0;
	LWLockRelease(&registry->lock);
}
