/*-------------------------------------------------------------------------
 *
 * alarm.h
 *		Alarms: rows of queue.alarms, and of queue.alarm_history.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ALARM_H
#define QUEUE_ALARM_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

#include "alarmstate.h"
#include "rolehold.h"
#include "statistic.h"

typedef enum AlarmComparison
{
	COMPARISON_GE,
	COMPARISON_GT,
	COMPARISON_LT,
	COMPARISON_LE
} AlarmComparison;
#define ALARM_COMPARISONS 4

/* CloudWatch's names, in the order of the values */
extern const char *const alarm_comparison_names[ALARM_COMPARISONS];

typedef struct Alarm
{
	char	   *name;
	Oid			owner;
	int64		queue_id;
	Metric		metric;
	char	   *statistic_name;
	Statistic	statistic;
	AlarmComparison comparison;
	double		threshold;
	int			period;			/* seconds */
	int			evaluated;		/* periods */
	int			datapoints;		/* of them, to alarm */
	AlarmMissing missing;
	bool		actions_enabled;
	AlarmState	state;
	List	   *actions[ALARM_STATES];	/* char *, by the new state */
} Alarm;

/* The column that holds owners */
extern const RoleColumn alarm_owner_column;

/* Number of a name in a list of so many, or -1 */
extern int	alarm_find_name(const char *const *names, int count, const char *name);

/*
 * Whether there is an alarm, whose it is then; with lock, and changes of alarms
 * wait for each other until the transaction ends.
 */
extern bool alarm_lock(const char *name, Oid *owner);

/* Changes, with that lock */
extern void alarm_put(const Alarm *alarm);
extern void alarm_delete(const char *name, Oid owner);
extern void alarm_enable(const char *name, bool enabled);

/* All alarms whose owners are held, by name; palloc'd */
extern List *alarm_list(void);

/*
 * Lock the row of one of those, and read it again.  NULL if it is not as it was, but
 * for its actions, or somebody has it locked.
 */
extern Alarm *alarm_lock_row(const Alarm *alarm);

/* Set a new state; false if the alarm is gone, or was changed.  *message: of it */
extern bool alarm_set_state(const Alarm *alarm, AlarmState state, const char *reason,
							TimestampTz now, char **message);

/* Add to the history; and forget what is older than a month */
extern void alarm_note(const char *name, Oid owner, const char *type, const char *summary);
extern void alarm_expire(void);

#endif							/* QUEUE_ALARM_H */
