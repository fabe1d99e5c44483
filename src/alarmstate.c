/*-------------------------------------------------------------------------
 *
 * alarmstate.c
 *		The state of an alarm, by what is known of its last periods.
 *
 * CloudWatch's rules, of which its documentation gives tables of examples; they are
 * in test/sql/alarms.sql.  More periods are looked at than are evaluated.  If so
 * many have a point as are evaluated, the latest ones that do decide, and how missing
 * ones are treated is of no consequence.  If not, the missing ones that are needed
 * count as is said; with "missing" and "ignore" they count as nothing.
 *
 * With these, an alarm that has only breaching points, if too few, goes off when
 * the oldest of them is old enough that there could have been as many as it takes
 * ("missing"), or stays as it is ("ignore").  A last point that breaches, alone, is
 * no reason yet: the next one may not.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "alarmstate.h"

const char *const alarm_state_names[ALARM_STATES] = {"INSUFFICIENT_DATA", "OK", "ALARM"};
const char *const alarm_missing_names[ALARM_MISSINGS] = {"missing", "ignore", "breaching", "notBreaching"};

/*
 * The state where too few periods have a point, but some do: so many of them are
 * breaching, the oldest of those so many periods ago, and others are not.
 */
static AlarmState
alarm_state_of_few(int breaching, int oldest, bool others, int datapoints,
				   AlarmMissing missing, AlarmState current)
{
	if (breaching >= datapoints)
		return ALARM_ALARM;
	if (others || missing == MISSING_NOT_BREACHING)
		return ALARM_OK;
	return missing == MISSING_MISSING && oldest >= datapoints ? ALARM_ALARM : current;
}

AlarmState
alarm_state(const AlarmPoint *points, int count, int evaluated, int datapoints,
			AlarmMissing missing, AlarmState current)
{
	int			real = 0;
	int			breaching = 0;
	int			oldest = 0;

	for (int i = count - 1; i >= 0 && real < evaluated; i--)
	{
		if (points[i] == POINT_MISSING)
			continue;
		real++;
		if (points[i] == POINT_BREACHING)
		{
			breaching++;
			oldest = count - i;
		}
	}
	if (real >= evaluated)
		return breaching >= datapoints ? ALARM_ALARM : ALARM_OK;
	if (missing == MISSING_BREACHING)
		return breaching + evaluated - real >= datapoints ? ALARM_ALARM : ALARM_OK;
	if (real == 0)
		return missing == MISSING_NOT_BREACHING ? ALARM_OK :
			missing == MISSING_IGNORE ? current : ALARM_INSUFFICIENT_DATA;
	return alarm_state_of_few(breaching, oldest, real > breaching, datapoints, missing, current);
}
