/*-------------------------------------------------------------------------
 *
 * tablerows.h
 *		Rows of a table of ours as a list.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_TABLEROWS_H
#define QUEUE_TABLEROWS_H

#include "access/htup.h"
#include "access/skey.h"
#include "access/tupdesc.h"

/* What a list has of each row, and in which order */
typedef struct TableRows
{
	const char *table;			/* in schema queue */
	Size		size;			/* of an entry */
	void		(*read) (TupleDesc desc, HeapTuple row, void *entry);
	int			(*compare) (const void *a, const void *b);	/* 0: the same row */
} TableRows;

/*
 * The rows that match the keys, which are on columns of the table, or of its
 * primary key if that is to be used; a palloc'd array, and how many there are.
 * What the entries point to is in the current memory context.
 */
extern void *tablerows_list(const TableRows *rows, bool by_primary_key,
							ScanKey keys, int key_count, int *count);

#endif							/* QUEUE_TABLEROWS_H */
