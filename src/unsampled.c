/*-------------------------------------------------------------------------
 *
 * unsampled.c
 *		What metrics over time do not have yet of a queue's totals.
 *
 * Totals only grow, as transactions commit.  Beside them stands what was taken of
 * them for metrics over time (sampler.c); the difference is what has come since.
 * So a sample costs those who send and receive nothing.  Only the least and the
 * greatest size of a message are no totals: a sample takes them away, and one that
 * is rolled back gives them back.
 *
 * Shared memory is lost when the server is stopped.  The launcher, when it is told
 * to end, waits a moment for others to end, and writes what was not taken to a
 * file, one for each database.  The next worker of that database gives it back to
 * the queues' entries, and removes the file before that: should the server crash,
 * what was in it may be lost, as anything may that came after the last sample, but
 * nothing is counted twice.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <unistd.h>

#include "miscadmin.h"
#include "pgstat.h"
#include "port/pg_crc32c.h"
#include "storage/fd.h"

#include "unsampled.h"

#define UNSAMPLED_FILE PGSTAT_STAT_PERMANENT_DIRECTORY "/queue_metrics.%u"

/* What a file begins with; changes whenever its format does */
#define UNSAMPLED_MAGIC 0x51554d31

/* One queue in a file */
typedef struct Unsampled
{
	Oid			relid;
	int64		queue_id;
	TimestampTz used_at;
	QueueTotals totals;
} Unsampled;

typedef struct UnsampledHeader
{
	uint32		magic;
	int32		count;
	pg_crc32c	crc;			/* of what follows */
} UnsampledHeader;

/* What unsampled_gather() fills; no room: it just counts */
typedef struct UnsampledList
{
	int			room;
	int			count;
	Unsampled  *entries;
} UnsampledList;

void
unsampled_sizes(QueueShared *qs, int32 smallest, int32 greatest)
{
	QueueTotals *sampled = &qs->sampled;

	if (greatest == 0)
		return;
	if (sampled->greatest == 0 || smallest < sampled->smallest)
		sampled->smallest = smallest;
	sampled->greatest = Max(sampled->greatest, greatest);
}

bool
unsampled_read(const QueueShared *qs, QueueTotals *totals)
{
	const QueueTotals *sampled = &qs->sampled;

	totals->sent = qs->sent - sampled->sent;
	totals->received = qs->received - sampled->received;
	totals->deleted = qs->deleted - sampled->deleted;
	totals->empty_receives = qs->empty_receives - sampled->empty_receives;
	totals->sent_bytes = qs->sent_bytes - sampled->sent_bytes;
	totals->deduplicated = qs->deduplicated - sampled->deduplicated;
	totals->smallest = sampled->smallest;
	totals->greatest = sampled->greatest;
	return totals->sent != 0 || totals->received != 0 || totals->deleted != 0 ||
		totals->empty_receives != 0 || totals->deduplicated != 0;
}

/*
 * Count as taken what came, or, with -1, as not taken.
 */
static void
unsampled_add(QueueShared *qs, const QueueTotals *totals, int sign)
{
	QueueTotals *sampled = &qs->sampled;

	sampled->sent += sign * totals->sent;
	sampled->received += sign * totals->received;
	sampled->deleted += sign * totals->deleted;
	sampled->empty_receives += sign * totals->empty_receives;
	sampled->sent_bytes += sign * totals->sent_bytes;
	sampled->deduplicated += sign * totals->deduplicated;
}

void
unsampled_take(QueueShared *qs, const QueueTotals *totals)
{
	unsampled_add(qs, totals, 1);
	qs->sampled.smallest = qs->sampled.greatest = 0;
}

void
unsampled_return(QueueShared *qs, const QueueTotals *totals)
{
	unsampled_add(qs, totals, -1);
	unsampled_sizes(qs, totals->smallest, totals->greatest);
}

/*
 * Note what one entry has; all are kept.  What is noted counts as taken, should
 * the server live on after all.
 */
static bool
unsampled_gather(QueueShared *qs, void *arg)
{
	UnsampledList *list = arg;
	Unsampled  *entry;

	if (list->count++ >= list->room)
		return true;
	entry = &list->entries[list->count - 1];
	memset(entry, 0, sizeof(Unsampled));
	LWLockAcquire(&qs->lock, LW_EXCLUSIVE);
	if (unsampled_read(qs, &entry->totals) || qs->used_at != 0)
	{
		entry->relid = qs->relid;
		entry->queue_id = qs->queue_id;
		entry->used_at = qs->used_at;
		unsampled_take(qs, &entry->totals);
	}
	else
		list->count--;
	LWLockRelease(&qs->lock);
	return true;
}

/*
 * Write a file in place of one that may be there.  Returns false if that failed.
 */
static bool
unsampled_write(const char *path, UnsampledList *list)
{
	UnsampledHeader header = {.magic = UNSAMPLED_MAGIC,.count = list->count};
	char	   *new_path = psprintf("%s.tmp", path);
	FILE	   *file = AllocateFile(new_path, PG_BINARY_W);
	bool		written;

	if (file == NULL)
		return false;
	INIT_CRC32C(header.crc);
	COMP_CRC32C(header.crc, list->entries, list->count * sizeof(Unsampled));
	FIN_CRC32C(header.crc);
	written = fwrite(&header, sizeof(header), 1, file) == 1 &&
		fwrite(list->entries, sizeof(Unsampled), list->count, file) == (size_t) list->count;
	return FreeFile(file) == 0 && written && durable_rename(new_path, path, LOG) == 0;
}

/*
 * Write what was not taken in a database to its file.  Runs while the process
 * exits, so it must not fail.
 */
void
unsampled_save(Oid database)
{
	char	   *path = psprintf(UNSAMPLED_FILE, database);
	UnsampledList list = {0};

	/* first how many there are; a queue that is added meanwhile has no luck */
	shared_forget(database, unsampled_gather, NULL, &list);
	list.room = list.count;
	list.count = 0;
	list.entries = palloc_extended(Max(list.room, 1) * sizeof(Unsampled),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
	if (list.entries == NULL)
		return;
	shared_forget(database, unsampled_gather, NULL, &list);
	list.count = Min(list.count, list.room);
	if (list.count > 0 && !unsampled_write(path, &list))
		ereport(LOG,
				(errcode_for_file_access(),
				 errmsg("could not write file \"%s\": %m", path)));
}

/*
 * Read a file; NULL if it is not as it was written.
 */
static Unsampled *
unsampled_load(FILE *file, int *count)
{
	UnsampledHeader header;
	Unsampled  *entries;
	pg_crc32c	crc;

	if (fread(&header, sizeof(header), 1, file) != 1 ||
		header.magic != UNSAMPLED_MAGIC || header.count < 0)
		return NULL;
	entries = palloc_extended(Max(header.count, 1) * sizeof(Unsampled), MCXT_ALLOC_HUGE);
	if (fread(entries, sizeof(Unsampled), header.count, file) != (size_t) header.count)
		return NULL;
	INIT_CRC32C(crc);
	COMP_CRC32C(crc, entries, header.count * sizeof(Unsampled));
	FIN_CRC32C(crc);
	*count = header.count;
	return EQ_CRC32C(crc, header.crc) ? entries : NULL;
}

/*
 * Give the queues back what the file of this database has, if there is one.
 */
void
unsampled_restore(void)
{
	char	   *path = psprintf(UNSAMPLED_FILE, MyDatabaseId);
	FILE	   *file = AllocateFile(path, PG_BINARY_R);
	Unsampled  *entries;
	int			count = 0;

	if (file == NULL)
		return;
	entries = unsampled_load(file, &count);
	FreeFile(file);
	if (durable_unlink(path, LOG) != 0)
		return;
	if (entries == NULL)
		ereport(LOG, (errmsg("file \"%s\" is damaged, and was removed", path)));
	for (int i = 0; entries != NULL && i < count; i++)
	{
		Queue		queue;
		QueueShared *qs;

		if (!catalog_lookup_id(entries[i].queue_id, &queue) || queue.relid != entries[i].relid)
			continue;
		qs = shared_acquire(&queue);
		unsampled_return(qs, &entries[i].totals);
		qs->used_at = Max(qs->used_at, entries[i].used_at);
		shared_release(qs);
	}
}
