/*-------------------------------------------------------------------------
 *
 * finding.h
 *		What sqs_health() has found so far.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_FINDING_H
#define QUEUE_FINDING_H

#include "datatype/timestamp.h"

/* The worst first */
typedef enum Severity
{
	SEVERITY_CRITICAL,			/* something does not work, or will soon not */
	SEVERITY_WARNING,			/* it will, or it costs more than it should */
	SEVERITY_INFO				/* worth to be known */
} Severity;

typedef struct Finding
{
	Severity	severity;
	const char *what;			/* always the same words, for those who look
								 * for them */
	char	   *object;
	TimestampTz since;			/* 0: not known */
	char	   *advice;
} Finding;

/* A list of them, and what all who look have in common */
typedef struct Findings
{
	TimestampTz now;
	bool		full;			/* for who may know everything */
	int			count;
	int			room;
	Finding    *list;
	MemoryContext context;		/* that the list is in */
} Findings;

extern Findings *finding_begin(bool full);

/* Add one; the object and the advice, a format, are copied */
extern void finding_add(Findings *findings, Severity severity, const char *what,
						const char *object, TimestampTz since,
						const char *advice,...) pg_attribute_printf(6, 7);

/* Sort them: the worst first, those of long standing before others */
extern void finding_sort(Findings *findings);

extern const char *finding_severity_name(Severity severity);

#endif							/* QUEUE_FINDING_H */
