/*-------------------------------------------------------------------------
 *
 * finding.c
 *		What sqs_health() has found so far.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "finding.h"

Findings *
finding_begin(bool full)
{
	Findings   *findings = palloc0(sizeof(Findings));

	findings->now = GetCurrentTimestamp();
	findings->full = full;
	findings->room = 16;
	findings->list = palloc(findings->room * sizeof(Finding));
	findings->context = CurrentMemoryContext;
	return findings;
}

void
finding_add(Findings *findings, Severity severity, const char *what, const char *object,
			TimestampTz since, const char *advice,...)
{
	MemoryContext old = MemoryContextSwitchTo(findings->context);
	StringInfoData text;
	Finding    *finding;

	initStringInfo(&text);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, advice);
		needed = appendStringInfoVA(&text, advice, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&text, needed);
	}
	if (findings->count == findings->room)
	{
		findings->room *= 2;
		findings->list = repalloc_huge(findings->list, findings->room * sizeof(Finding));
	}
	finding = &findings->list[findings->count++];
	finding->severity = severity;
	finding->what = what;
	finding->object = pstrdup(object);
	finding->since = since;
	finding->advice = text.data;

	MemoryContextSwitchTo(old);
}

static int
finding_compare(const void *a, const void *b)
{
	const Finding *x = a;
	const Finding *y = b;
	TimestampTz x_since = x->since == 0 ? DT_NOEND : x->since;
	TimestampTz y_since = y->since == 0 ? DT_NOEND : y->since;
	int			order;

	if (x->severity != y->severity)
		return x->severity < y->severity ? -1 : 1;
	if (x_since != y_since)
		return x_since < y_since ? -1 : 1;
	order = strcmp(x->what, y->what);
	return order != 0 ? order : strcmp(x->object, y->object);
}

void
finding_sort(Findings *findings)
{
	qsort(findings->list, findings->count, sizeof(Finding), finding_compare);
}

const char *
finding_severity_name(Severity severity)
{
	switch (severity)
	{
		case SEVERITY_CRITICAL:
			return "critical";
		case SEVERITY_WARNING:
			return "warning";
		case SEVERITY_INFO:
			return "info";
	}
	return NULL;
}
