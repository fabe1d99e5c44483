/*-------------------------------------------------------------------------
 *
 * census.h
 *		A queue's tables as a whole: how far the ids go, each row, pages.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_CENSUS_H
#define QUEUE_CENSUS_H

#include "store.h"

/* Call a function with the fixed columns of each row that a snapshot sees */
extern void census_each(StoreTable *table, Snapshot snapshot,
						void (*row) (const StoreRow *row, void *arg), void *arg);

/* Pages of the open tables themselves */
extern BlockNumber census_blocks(const StoreTable *table);

/*
 * The greatest id in the indexes, dead rows included as far as they are still
 * there; 0 if there is none
 */
extern int64 census_max_id(const Queue *queue);

#endif							/* QUEUE_CENSUS_H */
