/*-------------------------------------------------------------------------
 *
 * setting.h
 *		Settings of a program: what values they can have, as texts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_SETTING_H
#define CLIENT_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

#define KB INT64_C(1024)
#define MB (1024 * KB)
#define GB (1024 * MB)

typedef enum SettingType
{
	SETTING_STRING,				/* char * */
	SETTING_INTEGER,			/* int */
	SETTING_SIZE,				/* size_t, in bytes, with units */
	SETTING_BOOLEAN,			/* bool */
	SETTING_CHOICE				/* an enum, whose values count from 0 */
} SettingType;

typedef struct Setting
{
	const char *name;
	SettingType type;
	size_t		offset;			/* in the program's configuration */
	const char *value;			/* the default */
	int64_t		minimum;		/* of integers and sizes */
	int64_t		maximum;
	const char *const *choices; /* of a choice; ends with NULL */
	bool		(*check) (const char *value);	/* of a string; may be NULL */
	bool		secret;			/* not to be shown */
	const char *argument;		/* what the help calls its value */
	const char *form;			/* of a string: what it must be */
	const char *help;
} Setting;

/* Give a setting a value; false if it cannot have it, and nothing has changed */
extern bool setting_store(const Setting *setting, void *config,
						  const char *value);

/* What values a setting can have, where that is a range or a list */
extern void setting_print_range(Buffer *buffer, const Setting *setting);

/* Checks of strings: an address and a port; a connection string */
extern bool setting_check_address(const char *value);
extern bool setting_check_dsn(const char *value);

/* The levels of the log, in the order of LogLevel */
extern const char *const log_level_choices[];

#endif							/* CLIENT_SETTING_H */
