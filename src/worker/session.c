/*-------------------------------------------------------------------------
 *
 * session.c
 *		What our sessions have in common: how they begin, and what errors mean.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "session.h"

/* QueueDoesNotExist, as ../errors.h has it */
#define QUEUE_DOES_NOT_EXIST "SQ001"

bool
session_queue_is_gone(const char *sqlstate)
{
	return strcmp(sqlstate, QUEUE_DOES_NOT_EXIST) == 0;
}

/*
 * By classes: connections, transactions that cannot be now (of a standby among
 * them), rollbacks, resources, operators, the system.
 */
bool
session_is_passing(const char *sqlstate)
{
	static const char *const classes[] = {"08", "25", "40", "53", "55", "57", "58"};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
	{
		if (strncmp(sqlstate, classes[i], 2) == 0)
			return true;
	}
	return false;
}
