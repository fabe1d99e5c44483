/*-------------------------------------------------------------------------
 *
 * setting.h
 *		The table of settings, and texts of their values.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_SETTING_H
#define GATEWAY_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "config.h"

/* Longest name of a host; that of DNS is 253 */
#define HOST_LENGTH_MAX 255

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
	size_t		offset;			/* in Config */
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

extern const Setting settings[];
extern const int setting_count;

/* NULL: there is none of this name */
extern const Setting *setting_find(const char *name);

/* Give a setting a value; false if it cannot have it, and nothing has changed */
extern bool setting_store(const Setting *setting, Config *config,
						  const char *value);

/* What values a setting can have, where that is a range or a list */
extern void setting_print_range(Buffer *buffer, const Setting *setting);

/*
 * Take an address and a port apart; host is without brackets.  False if they
 * are none, or if there is no room for the host.
 */
extern bool setting_split_address(const char *address, char *host,
								  size_t host_size, int *port);

#endif							/* GATEWAY_SETTING_H */
