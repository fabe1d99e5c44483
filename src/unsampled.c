/*-------------------------------------------------------------------------
 *
 * unsampled.c
 *		What metrics over time do not have yet of what happened to a queue.
 *
 * A queue's tally (tally.c) has two sets of totals.  One counts; the other is what
 * a transaction has taken to store it as a point (sampler.c), and is empty when
 * that has committed.  When it has not, the next one takes it again, and what was
 * counted meanwhile is for the one after that.
 *
 * The tally outlives a crash, and says which transaction it was.  So who finds one
 * after a crash can settle it: nothing is lost, and nothing is stored twice.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "unsampled.h"
#include "xid.h"

/*
 * Count messages of a bucket, as far as there are numbers for that.
 */
static void
unsampled_size(QueueTotals *totals, int bucket, int64 count)
{
	totals->sizes[bucket] = (uint32) Min(totals->sizes[bucket] + count, (int64) PG_UINT32_MAX);
}

void
unsampled_sent(QueueShared *qs, int64 count, int64 bytes, int32 smallest,
			   int32 greatest, const uint32 *sizes)
{
	QueueTotals *totals = tally_totals(qs);

	if (totals->sent == 0 || smallest < totals->smallest)
		totals->smallest = smallest;
	totals->greatest = totals->sent == 0 ? greatest : Max(totals->greatest, greatest);
	totals->sent += count;
	totals->sent_bytes += bytes;
	if (sizes == NULL)
		unsampled_size(totals, size_bucket(smallest), count);
	else
		for (int i = 0; i < SIZE_BUCKETS; i++)
			unsampled_size(totals, i, sizes[i]);
}

static bool
unsampled_any(const QueueTotals *totals)
{
	return totals->sent != 0 || totals->received != 0 || totals->deleted != 0 ||
		totals->empty_receives != 0 || totals->deduplicated != 0;
}

/*
 * Empty what was taken, or leave it for who takes next.  It is not added to what
 * counts: should we be killed while that is done, it would be added once more.
 */
static void
unsampled_end(Tally *tally, bool committed)
{
	if (committed)
		memset(&tally->totals[!tally->current], 0, sizeof(QueueTotals));
	pg_write_barrier();
	tally->taken_by = 0;
}

void
unsampled_settle(QueueShared *qs, bool committed)
{
	Tally	   *tally = tally_find(qs, false);

	if (tally != NULL && tally->taken_by != 0)
		unsampled_end(tally, committed);
}

/*
 * Settle what a transaction took before a crash.
 */
static void
unsampled_recover(Tally *tally)
{
	if (tally->taken_by != 0)
		unsampled_end(tally, xid_has_committed(FullTransactionIdFromU64(tally->taken_by)));
}

bool
unsampled_in_use(QueueShared *qs, TimestampTz now, int64 time)
{
	Tally	   *tally = tally_find(qs, false);

	if (tally == NULL)
		return false;
	if (unsampled_any(&tally->totals[0]) || unsampled_any(&tally->totals[1]))
		tally->used_at = now;
	if (tally->used_at != 0 && now - tally->used_at <= time)
		return true;
	tally_free(qs);
	return false;
}

bool
unsampled_take(QueueShared *qs, FullTransactionId xid, QueueTotals *totals)
{
	Tally	   *tally = tally_find(qs, false);

	if (tally == NULL || tally->taken_by == U64FromFullTransactionId(xid))
		return false;
	unsampled_recover(tally);

	/* in this order: should we be killed between, nothing is lost */
	tally->taken_by = U64FromFullTransactionId(xid);
	pg_write_barrier();
	if (!unsampled_any(&tally->totals[!tally->current]))
		tally->current = !tally->current;
	*totals = tally->totals[!tally->current];
	return true;
}
