/*-------------------------------------------------------------------------
 *
 * tally.c
 *		Counts of what happened to queues, in a file that is mapped into memory.
 *
 * Metrics over time have each message that was sent, received and deleted, and
 * get them once a minute (sampler.c).  What comes between is counted here, as each
 * transaction commits.  That costs no more than shared memory does, but outlives a
 * restart of the server, and a crash too: the pages of a file that processes have
 * mapped stay the kernel's when they are killed.
 *
 * When the machine itself goes down, what reached the disk is of any time.  So the
 * file is used again only if it was written to disk by a server that ended (clean),
 * or if the machine has not been started since (boot).
 *
 * The file is among those of pg_dynshmem, of which a base backup has none: what is
 * counted belongs to this server, and to no copy of it.
 *
 * A place is found by the table of the queue; the entry in shared memory remembers
 * its number.  There are queue.metrics_queues of them, and the file has them from
 * the start, so that a disk that is full is no matter later, unless its file system
 * writes to another place what is written anew.  Where the file cannot be had, they
 * are in memory only.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "storage/dsm_impl.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/hsearch.h"

#include "settings.h"
#include "tally.h"

#define TALLY_NAME "queue tallies"
#define TALLY_FILE PG_DYNSHMEM_DIR "/queue_tallies"

/* What a file begins with; changes whenever its format does */
#define TALLY_MAGIC 0x51544131

/* Where Linux says which start of the machine this is; others do not say */
#define TALLY_BOOT_FILE "/proc/sys/kernel/random/boot_id"
#define TALLY_BOOT_SIZE 40

/* Bytes before the first tally */
#define TALLY_START 4096

typedef struct TallyHeader
{
	uint32		magic;
	uint32		size;			/* of a tally */
	int			count;
	int			high;			/* none beyond was ever used; guarded by lock */
	int			low;			/* none before is free; likewise */
	bool		clean;			/* all is on disk */
	char		boot[TALLY_BOOT_SIZE];	/* when it was in use; empty: unknown */
} TallyHeader;

typedef struct TallyKey
{
	Oid			database;
	Oid			relid;
} TallyKey;

typedef struct TallyPlace
{
	TallyKey	key;
	int			number;
} TallyPlace;

/* Mapped by the postmaster, inherited by all, and kept over restarts within it */
static TallyHeader *header = NULL;
static Tally *tallies = NULL;

static HTAB *places = NULL;		/* guarded by lock */
static LWLock *lock = NULL;

/* Where to count what has no place */
static QueueTotals nowhere;

static shmem_request_hook_type previous_shmem_request = NULL;
static shmem_startup_hook_type previous_shmem_startup = NULL;

static Size
tally_file_size(void)
{
	return add_size(TALLY_START, mul_size(setting_metrics_queues, sizeof(Tally)));
}

static void
tally_shmem_request(void)
{
	if (previous_shmem_request)
		previous_shmem_request();
	RequestAddinShmemSpace(hash_estimate_size(setting_metrics_queues, sizeof(TallyPlace)));
	RequestNamedLWLockTranche(TALLY_NAME, 1);
}

/*
 * Which start of the machine this is; empty if that is not known.
 */
static void
tally_read_boot(char *boot)
{
	int			fd = BasicOpenFile(TALLY_BOOT_FILE, O_RDONLY);
	ssize_t		length;

	memset(boot, 0, TALLY_BOOT_SIZE);
	if (fd < 0)
		return;
	length = read(fd, boot, TALLY_BOOT_SIZE - 1);
	boot[Max(length, 0)] = '\0';
	close(fd);
}

/*
 * Give the file its size.  What it had already stays.
 */
static bool
tally_extend(int fd, Size size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	if ((Size) st.st_size != size && (ftruncate(fd, 0) < 0 || ftruncate(fd, (off_t) size) < 0))
		return false;
	errno = posix_fallocate(fd, 0, (off_t) size);
	return errno == 0;
}

/*
 * Map the file, or, with a word in the log, memory that no file is behind.
 */
static void *
tally_map(Size size)
{
	int			fd = BasicOpenFile(TALLY_FILE, O_RDWR | O_CREAT | PG_BINARY);
	void	   *memory = MAP_FAILED;

	if (fd >= 0 && tally_extend(fd, size))
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
	{
		ereport(LOG,
				(errcode_for_file_access(),
				 errmsg("could not map file \"%s\": %m", TALLY_FILE),
				 errdetail("What metrics over time have not sampled when the server stops will be lost.")));
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	}
	if (fd >= 0)
		close(fd);
	if (memory == MAP_FAILED)
		ereport(FATAL,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("could not map memory for %d queues: %m", setting_metrics_queues)));
	return memory;
}

/*
 * At the end of the postmaster, after all others: see that all is on disk.
 */
static void
tally_sync(int code, Datum arg)
{
	if (IsUnderPostmaster || msync(header, tally_file_size(), MS_SYNC) < 0)
		return;
	header->clean = true;
	(void) msync(header, TALLY_START, MS_SYNC);
}

/*
 * Map the file, and begin anew if what is in it cannot be relied upon.
 */
static void
tally_open(void)
{
	static bool registered = false;
	char		boot[TALLY_BOOT_SIZE];
	bool		valid;

	header = tally_map(tally_file_size());
	tallies = (Tally *) ((char *) header + TALLY_START);
	tally_read_boot(boot);
	valid = header->magic == TALLY_MAGIC && header->size == sizeof(Tally) &&
		header->count == setting_metrics_queues &&
		header->high >= 0 && header->high <= header->count &&
		header->low >= 0 && header->low <= header->high &&
		(header->clean || (boot[0] != '\0' && memcmp(header->boot, boot, TALLY_BOOT_SIZE) == 0));
	if (!valid)
	{
		memset(header, 0, TALLY_START);
		memset(tallies, 0, mul_size(setting_metrics_queues, sizeof(Tally)));
	}
	header->magic = TALLY_MAGIC;
	header->size = sizeof(Tally);
	header->count = setting_metrics_queues;
	header->clean = false;
	memcpy(header->boot, boot, TALLY_BOOT_SIZE);

	/* what is counted from here on must not be taken for what was clean */
	(void) msync(header, TALLY_START, MS_SYNC);
	if (!registered)
		on_proc_exit(tally_sync, (Datum) 0);
	registered = true;
}

/*
 * Give up a file that somebody has made shorter: who looks beyond its end is killed,
 * and that must not be the postmaster.
 */
static void
tally_check(void)
{
	struct stat st;

	if (header == NULL ||
		(stat(TALLY_FILE, &st) == 0 && (Size) st.st_size >= tally_file_size()))
		return;
	ereport(LOG, (errmsg("file \"%s\" is damaged, and is made anew", TALLY_FILE)));
	(void) munmap(header, tally_file_size());
	header = NULL;
}

/*
 * Learn which places are taken.  One that is damaged is given up: who counts there
 * would bring the server down, again and again.
 */
static void
tally_learn(void)
{
	/* whoever freed a place may have been killed before he said so */
	header->low = 0;
	for (int i = 0; i < header->high; i++)
	{
		Tally	   *tally = &tallies[i];
		TallyKey	key = {tally->database, tally->relid};
		TallyPlace *place;
		bool		found = false;

		if (!OidIsValid(key.relid))
			continue;
		if (tally->current == 0 || tally->current == 1)
		{
			place = hash_search(places, &key, HASH_ENTER, &found);
			if (!found)
			{
				place->number = i;
				continue;
			}
		}
		memset(tally, 0, sizeof(Tally));
	}
}

static void
tally_shmem_startup(void)
{
	HASHCTL		ctl = {.keysize = sizeof(TallyKey),.entrysize = sizeof(TallyPlace)};

	if (previous_shmem_startup)
		previous_shmem_startup();

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	places = ShmemInitHash(TALLY_NAME, setting_metrics_queues, setting_metrics_queues, &ctl,
						   HASH_ELEM | HASH_BLOBS | HASH_FIXED_SIZE);
	lock = &GetNamedLWLockTranche(TALLY_NAME)->lock;
	tally_check();
	if (header == NULL)
		tally_open();
	tally_learn();
	LWLockRelease(AddinShmemInitLock);
}

void
tally_init(void)
{
	previous_shmem_request = shmem_request_hook;
	shmem_request_hook = tally_shmem_request;
	previous_shmem_startup = shmem_startup_hook;
	shmem_startup_hook = tally_shmem_startup;
}

/*
 * Find a place that is free, and take it.  Lock held.
 */
static int
tally_take_place(const TallyKey *key)
{
	int			number = header->low;
	Tally	   *tally;

	while (number < header->high && OidIsValid(tallies[number].relid))
		number++;
	header->low = number;
	if (number >= header->count)
		return -1;
	header->high = Max(header->high, number + 1);
	tally = &tallies[number];
	memset(tally, 0, sizeof(Tally));
	tally->database = key->database;
	pg_write_barrier();
	tally->relid = key->relid;
	return number;
}

/*
 * The number of a queue's tally; -1: there is none.
 */
static int
tally_look_up(const TallyKey *key, bool make)
{
	TallyPlace *place;
	bool		found;
	int			number = -1;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	place = hash_search(places, key, make ? HASH_ENTER_NULL : HASH_FIND, &found);
	if (found)
		number = place->number;
	else if (place != NULL)
	{
		number = place->number = tally_take_place(key);
		if (number < 0)
			(void) hash_search(places, key, HASH_REMOVE, NULL);
	}
	LWLockRelease(lock);
	return number;
}

Tally *
tally_find(QueueShared *qs, bool make)
{
	TallyKey	key = {qs->database, qs->relid};

	if (qs->tally > 0)
	{
		Tally	   *tally = &tallies[qs->tally - 1];

		if (likely(tally->relid == key.relid && tally->database == key.database))
			return tally;
	}
	qs->tally = tally_look_up(&key, make) + 1;
	return qs->tally > 0 ? &tallies[qs->tally - 1] : NULL;
}

QueueTotals *
tally_totals(QueueShared *qs)
{
	Tally	   *tally = tally_find(qs, true);

	return tally == NULL ? &nowhere : &tally->totals[tally->current];
}

/*
 * Give up one place.  Lock held.
 */
static void
tally_clear(Tally *tally)
{
	TallyKey	key = {tally->database, tally->relid};

	tally->relid = InvalidOid;
	header->low = Min(header->low, tally - tallies);
	(void) hash_search(places, &key, HASH_REMOVE, NULL);
}

void
tally_free(QueueShared *qs)
{
	Tally	   *tally = tally_find(qs, false);

	if (tally == NULL)
		return;
	LWLockAcquire(lock, LW_EXCLUSIVE);
	tally_clear(tally);
	LWLockRelease(lock);
	qs->tally = 0;
}

int
tally_tables(Oid database, Oid **relids)
{
	int			count = 0;

	*relids = palloc(header->count * sizeof(Oid));
	LWLockAcquire(lock, LW_SHARED);
	for (int i = 0; i < header->high; i++)
		if (OidIsValid(tallies[i].relid) && tallies[i].database == database)
			(*relids)[count++] = tallies[i].relid;
	LWLockRelease(lock);
	return count;
}

int
tally_databases(Oid **databases)
{
	int			count = 0;

	*databases = palloc(header->count * sizeof(Oid));
	LWLockAcquire(lock, LW_SHARED);
	for (int i = 0; i < header->high; i++)
		if (OidIsValid(tallies[i].relid) &&
			(count == 0 || (*databases)[count - 1] != tallies[i].database))
			(*databases)[count++] = tallies[i].database;
	LWLockRelease(lock);
	return count;
}

void
tally_forget(Oid database, const List *relids)
{
	LWLockAcquire(lock, LW_EXCLUSIVE);
	for (int i = 0; i < header->high; i++)
	{
		if (OidIsValid(tallies[i].relid) && tallies[i].database == database &&
			(relids == NULL || list_member_oid(relids, tallies[i].relid)))
			tally_clear(&tallies[i]);
	}
	LWLockRelease(lock);
}

bool
tally_is_full(void)
{
	bool		full;

	LWLockAcquire(lock, LW_SHARED);
	full = hash_get_num_entries(places) >= header->count;
	LWLockRelease(lock);
	return full;
}
