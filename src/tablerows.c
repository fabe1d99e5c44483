/*-------------------------------------------------------------------------
 *
 * tablerows.c
 *		Rows of a table of ours as a list.
 *
 * The rows are read with SnapshotSelf, as catalog.c says why.  While another
 * transaction changes a row, that may show two versions of it: the old one, and
 * after the commit the new one.  The one that was met last counts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heaptoast.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "miscadmin.h"
#include "utils/rel.h"

#include "catalog.h"
#include "compat.h"
#include "tablerows.h"

/* Entries as they were read, while their numbers are sorted */
typedef struct Unsorted
{
	const TableRows *rows;
	char	   *entries;
} Unsorted;

static void *
unsorted_entry(const Unsorted *unsorted, int number)
{
	return unsorted->entries + number * unsorted->rows->size;
}

/*
 * By what the list is sorted by; the same row by when it was met.
 */
static int
compare_numbers(const void *a, const void *b, void *arg)
{
	const Unsorted *unsorted = arg;
	int			x = *(const int *) a;
	int			y = *(const int *) b;
	int			result = unsorted->rows->compare(unsorted_entry(unsorted, x),
												 unsorted_entry(unsorted, y));

	return result != 0 ? result : (x > y) - (x < y);
}

/*
 * Read the rows; how many.
 */
static int
read_rows(Unsorted *unsorted, bool by_primary_key, ScanKey keys, int key_count)
{
	const TableRows *rows = unsorted->rows;
	Relation	rel = table_open(catalog_relation(rows->table), AccessShareLock);
	int			room = 16;
	int			count = 0;
	SysScanDesc scan;
	HeapTuple	tuple;

	unsorted->entries = palloc(room * rows->size);
	scan = systable_beginscan(rel, by_primary_key ? compat_primary_key(rel) : InvalidOid,
							  by_primary_key, catalog_snapshot(), key_count, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		if (count == room)
		{
			room *= 2;
			unsorted->entries = repalloc_huge(unsorted->entries, room * rows->size);
		}
		if (HeapTupleHasExternal(tuple))
			tuple = toast_flatten_tuple(tuple, RelationGetDescr(rel));
		rows->read(RelationGetDescr(rel), tuple, unsorted_entry(unsorted, count++));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return count;
}

void *
tablerows_list(const TableRows *rows, bool by_primary_key, ScanKey keys, int key_count,
			   int *count)
{
	Unsorted	unsorted = {.rows = rows};
	int			n = read_rows(&unsorted, by_primary_key, keys, key_count);
	int		   *numbers = palloc_extended(Max(n, 1) * sizeof(int), MCXT_ALLOC_HUGE);
	char	   *sorted = palloc_extended(Max(n, 1) * rows->size, MCXT_ALLOC_HUGE);

	for (int i = 0; i < n; i++)
		numbers[i] = i;
	qsort_arg(numbers, n, sizeof(int), compare_numbers, &unsorted);
	*count = 0;
	for (int i = 0; i < n; i++)
	{
		const void *entry = unsorted_entry(&unsorted, numbers[i]);

		if (i + 1 < n && rows->compare(entry, unsorted_entry(&unsorted, numbers[i + 1])) == 0)
			continue;
		memcpy(sorted + (*count)++ * rows->size, entry, rows->size);
	}
	pfree(numbers);
	pfree(unsorted.entries);
	return sorted;
}
