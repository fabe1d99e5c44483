/*-------------------------------------------------------------------------
 *
 * alarmstate.h
 *		The state of an alarm, by what is known of its last periods.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ALARMSTATE_H
#define QUEUE_ALARMSTATE_H

typedef enum AlarmPoint
{
	POINT_MISSING,
	POINT_OK,
	POINT_BREACHING
} AlarmPoint;

typedef enum AlarmState
{
	ALARM_INSUFFICIENT_DATA,
	ALARM_OK,
	ALARM_ALARM
} AlarmState;
#define ALARM_STATES 3

typedef enum AlarmMissing
{
	MISSING_MISSING,
	MISSING_IGNORE,
	MISSING_BREACHING,
	MISSING_NOT_BREACHING
} AlarmMissing;
#define ALARM_MISSINGS 4

/* Periods beside those to be evaluated that are looked at for want of points */
#define ALARM_MORE_PERIODS 2

/* CloudWatch's names, in the order of the values */
extern const char *const alarm_state_names[ALARM_STATES];
extern const char *const alarm_missing_names[ALARM_MISSINGS];

/*
 * The state by the last count periods, the latest last, of which datapoints out of
 * evaluated have to be breaching.
 */
extern AlarmState alarm_state(const AlarmPoint *points, int count, int evaluated,
							  int datapoints, AlarmMissing missing, AlarmState current);

#endif							/* QUEUE_ALARMSTATE_H */
