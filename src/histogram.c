/*-------------------------------------------------------------------------
 *
 * histogram.c
 *		When hidden messages become visible, counted by tick.
 *
 * A ring of pages of 64 seconds that are made as they are needed, each with as
 * many slots as its times need: a page for times that lie far ahead, which are
 * multiples of many ticks, has few.  Where there is no memory for a page,
 * changes go to the coarse counts in the queue's entry instead, of 512 seconds
 * each, which have passed when all of that time has: so messages may be counted
 * as hidden for that much too long, and are right again then.  All are sums: it
 * does not matter which of the two an addition and its removal meet.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "histogram.h"
#include "schedule.h"

/* Ticks in a page of the histogram: 64 seconds */
#define PAGE_TICKS 1024

/*
 * Pages in the directory, a ring: enough for the longest visibility timeout,
 * with room for rounding at both ends
 */
#define DIRECTORY_PAGES (VISIBILITY_TIMEOUT_MAX / 64 + 13)

/* A page's size if its slots are 1 << shift ticks: 8 kB down to 32 bytes */
#define PAGE_SIZE(shift) (COUNTER_KINDS * (PAGE_TICKS >> (shift)) * sizeof(int32))

/* A page is int32[COUNTER_KINDS][PAGE_TICKS >> shift] */
typedef struct CounterDirectory
{
	dsa_pointer pages[DIRECTORY_PAGES];
	uint8		shifts[DIRECTORY_PAGES];
} CounterDirectory;

StaticAssertDecl((int64) (DIRECTORY_PAGES - 1) * PAGE_TICKS >= HISTOGRAM_REACH &&
				 (int64) (SHARED_COARSE - 1) * HISTOGRAM_COARSE_TICKS >= HISTOGRAM_REACH,
				 "the ring and the coarse counts reach as far as they have to");

/*
 * The address of something in the DSA area; NULL if it can't be mapped.
 *
 * A commit gets here when nothing may fail any more.  What it needs has been
 * mapped by its calls, but a recount may have replaced it since.  So an error
 * of the mapping is dropped: the counters are then off, and counted again.
 */
void *
histogram_address(dsa_pointer at)
{
	MemoryContext context = CurrentMemoryContext;
	uint32		holdoff = InterruptHoldoffCount;
	void	   *volatile address = NULL;

	PG_TRY();
	{
		address = dsa_get_address(shared_area(), at);
	}
	PG_CATCH();
	{
		/* errfinish() has forgotten that we hold a lock */
		InterruptHoldoffCount = holdoff;
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return address;
}

/*
 * The number of the page for a tick.
 */
static int
histogram_page(int64 tick)
{
	return (tick / PAGE_TICKS) % DIRECTORY_PAGES;
}

/*
 * Where a tick is counted in the histogram; NULL if it has no page that is fine
 * enough.  Never throws.
 */
int32 *
histogram_slot(QueueShared *qs, CounterKind kind, int64 tick)
{
	CounterDirectory *directory;
	int			number = histogram_page(tick);
	int32	   *page;
	int			shift;

	if (!DsaPointerIsValid(qs->histogram))
		return NULL;
	directory = histogram_address(qs->histogram);
	if (directory == NULL || !DsaPointerIsValid(directory->pages[number]))
		return NULL;
	shift = directory->shifts[number];
	if (tick % (INT64CONST(1) << shift) != 0)
		return NULL;
	page = histogram_address(directory->pages[number]);
	if (page == NULL)
		return NULL;
	return &page[kind * (PAGE_TICKS >> shift) + (tick % PAGE_TICKS >> shift)];
}

/*
 * The first slot of a page that is counted under a tick or a later one.
 */
static int
histogram_first_slot(int64 tick, int shift)
{
	return ((int) (tick % PAGE_TICKS) + (1 << shift) - 1) >> shift;
}

/*
 * Where a tick is counted coarsely.
 */
int32 *
histogram_coarse(QueueShared *qs, CounterKind kind, int64 tick)
{
	return &qs->coarse[kind][(tick / HISTOGRAM_COARSE_TICKS) % SHARED_COARSE];
}

static void
histogram_free_page(QueueShared *qs, CounterDirectory *directory, int number)
{
	shared_free(qs, directory->pages[number], PAGE_SIZE(directory->shifts[number]));
	directory->pages[number] = InvalidDsaPointer;
}

/*
 * Free the histogram.
 */
void
histogram_free(QueueShared *qs)
{
	CounterDirectory *directory;

	if (!DsaPointerIsValid(qs->histogram))
		return;
	directory = dsa_get_address(shared_area(), qs->histogram);
	for (int i = 0; i < DIRECTORY_PAGES; i++)
		if (DsaPointerIsValid(directory->pages[i]))
			histogram_free_page(qs, directory, i);
	shared_free(qs, qs->histogram, sizeof(CounterDirectory));
	qs->histogram = InvalidDsaPointer;
}

/*
 * Take out the coarse counts whose time has passed, from a tick on.
 */
static void
histogram_roll_coarse(QueueShared *qs, int64 tick, int64 until, int64 *passed)
{
	tick -= tick % HISTOGRAM_COARSE_TICKS;
	for (; tick + HISTOGRAM_COARSE_TICKS <= until + 1; tick += HISTOGRAM_COARSE_TICKS)
	{
		for (int kind = 0; kind < COUNTER_KINDS; kind++)
		{
			int32	   *coarse = histogram_coarse(qs, kind, tick);

			passed[kind] += *coarse;
			*coarse = 0;
		}
	}
}

/*
 * Sum up what was counted under the ticks from one up to another, and free the
 * pages that have passed, and the directory after the last of them.
 */
void
histogram_roll(QueueShared *qs, int64 tick, int64 until, int64 *passed)
{
	CounterDirectory *directory;
	bool		any = false;

	if (qs->coarse_until >= tick)
		histogram_roll_coarse(qs, tick, until, passed);
	if (!DsaPointerIsValid(qs->histogram))
		return;
	directory = dsa_get_address(shared_area(), qs->histogram);
	while (tick <= until)
	{
		int			number = histogram_page(tick);
		int64		page_end = (tick / PAGE_TICKS + 1) * PAGE_TICKS;
		int64		end = Min(page_end, until + 1);

		if (DsaPointerIsValid(directory->pages[number]))
		{
			int			shift = directory->shifts[number];
			int			slots = PAGE_TICKS >> shift;
			int			last = (end - 1) % PAGE_TICKS >> shift;
			const int32 *page = dsa_get_address(shared_area(), directory->pages[number]);

			for (int i = histogram_first_slot(tick, shift); i <= last; i++)
			{
				passed[COUNTER_IN_FLIGHT] += page[COUNTER_IN_FLIGHT * slots + i];
				passed[COUNTER_DELAYED] += page[COUNTER_DELAYED * slots + i];
			}
			if (end == page_end)
			{
				histogram_free_page(qs, directory, number);
				any = true;
			}
		}
		tick = end;
	}
	for (int i = 0; any && i < DIRECTORY_PAGES; i++)
		any = !DsaPointerIsValid(directory->pages[i]);
	if (any)
		histogram_free(qs);
}

/*
 * Make a page that is fine enough for a tick, in place of the one that is there.
 * Where there is no memory for it, all stays as it is.
 */
static void
histogram_make_page(QueueShared *qs, CounterDirectory *directory, int64 tick)
{
	dsa_area   *area = shared_area();
	int			number = histogram_page(tick);
	int			shift = Min(pg_rightmost_one_pos64(tick), SCHEDULE_TICKS_SHIFT);
	dsa_pointer new = shared_allocate(qs, PAGE_SIZE(shift));

	if (!DsaPointerIsValid(new))
		return;
	if (DsaPointerIsValid(directory->pages[number]))
	{
		int			old_shift = directory->shifts[number];
		int			slots = PAGE_TICKS >> old_shift;
		int32	   *from = dsa_get_address(area, directory->pages[number]);
		int32	   *to = dsa_get_address(area, new);

		for (int i = 0; i < COUNTER_KINDS * slots; i++)
			to[i << (old_shift - shift)] = from[i];
		histogram_free_page(qs, directory, number);
	}
	directory->pages[number] = new;
	directory->shifts[number] = shift;
}

/*
 * Make room for a tick, if there is memory, and have it mapped, which a commit
 * may not do any more.
 */
void
histogram_reserve(QueueShared *qs, int64 tick)
{
	CounterDirectory *directory;
	int			number = histogram_page(tick);

	if (!DsaPointerIsValid(qs->histogram))
		qs->histogram = shared_allocate(qs, sizeof(CounterDirectory));
	if (!DsaPointerIsValid(qs->histogram))
		return;
	directory = dsa_get_address(shared_area(), qs->histogram);
	if (!DsaPointerIsValid(directory->pages[number]) ||
		tick % (INT64CONST(1) << directory->shifts[number]) != 0)
		histogram_make_page(qs, directory, tick);
	if (DsaPointerIsValid(directory->pages[number]))
		(void) dsa_get_address(shared_area(), directory->pages[number]);
}

/*
 * Set all counts to zero.  Pages are emptied and not freed: transactions that
 * are about to commit have reserved them, and a commit frees nothing.
 */
void
histogram_zero(QueueShared *qs)
{
	CounterDirectory *directory = DsaPointerIsValid(qs->histogram) ?
	histogram_address(qs->histogram) : NULL;

	for (int i = 0; directory != NULL && i < DIRECTORY_PAGES; i++)
	{
		int32	   *page = DsaPointerIsValid(directory->pages[i]) ?
		histogram_address(directory->pages[i]) : NULL;

		if (page != NULL)
			memset(page, 0, PAGE_SIZE(directory->shifts[i]));
	}
	memset(qs->coarse, 0, sizeof(qs->coarse));
	qs->coarse_until = 0;
}

/*
 * Free the histogram if nothing is counted in it that has not passed.  Whoever
 * has reserved a page and not committed yet will be counted coarsely.
 */
void
histogram_trim(QueueShared *qs)
{
	CounterDirectory *directory;

	if (!DsaPointerIsValid(qs->histogram))
		return;
	directory = dsa_get_address(shared_area(), qs->histogram);
	for (int i = 0; i < DIRECTORY_PAGES; i++)
	{
		int			slots = PAGE_TICKS >> directory->shifts[i];
		const int32 *page;
		int			first = 0;

		if (!DsaPointerIsValid(directory->pages[i]))
			continue;
		page = dsa_get_address(shared_area(), directory->pages[i]);
		if (i == histogram_page(qs->watermark + 1))
			first = histogram_first_slot(qs->watermark + 1, directory->shifts[i]);
		for (int j = first; j < slots; j++)
			if (page[COUNTER_IN_FLIGHT * slots + j] != 0 ||
				page[COUNTER_DELAYED * slots + j] != 0)
				return;
	}
	histogram_free(qs);
}
