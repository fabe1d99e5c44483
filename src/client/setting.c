/*-------------------------------------------------------------------------
 *
 * setting.c
 *		Settings of a program: what values they can have, as texts.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libpq-fe.h>

#include "address.h"
#include "setting.h"

const char *const log_level_choices[] = {"debug", "info", "warning", "error", NULL};

bool
setting_check_address(const char *value)
{
	char		host[HOST_LENGTH_MAX + 1];
	int			port;

	return address_split(value, host, sizeof(host), &port);
}

bool
setting_check_dsn(const char *value)
{
	PQconninfoOption *options = PQconninfoParse(value, NULL);

	if (options == NULL)
		return false;
	PQconninfoFree(options);
	return true;
}

/*
 * Read a whole number.
 */
static bool
parse_integer(const char *value, int64_t *result, char **end)
{
	errno = 0;
	*result = strtoll(value, end, 10);
	return *end != value && errno == 0;
}

/*
 * Read a number of bytes, with or without a unit.
 */
static bool
parse_size(const char *value, int64_t *result)
{
	static const struct
	{
		const char *name;
		int64_t		bytes;
	}			units[] = {{"", 1}, {"B", 1}, {"kB", KB}, {"MB", MB}, {"GB", GB}};
	char	   *unit;

	if (!parse_integer(value, result, &unit))
		return false;
	while (*unit == ' ')
		unit++;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
	{
		if (strcmp(unit, units[i].name) == 0)
			return !__builtin_mul_overflow(*result, units[i].bytes, result);
	}
	return false;
}

static bool
parse_boolean(const char *value, bool *result)
{
	static const char *const words[][2] = {
		{"off", "on"}, {"false", "true"}, {"no", "yes"}, {"0", "1"}
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		for (int truth = 0; truth < 2; truth++)
		{
			if (strcasecmp(value, words[i][truth]) == 0)
			{
				*result = truth;
				return true;
			}
		}
	}
	return false;
}

bool
setting_store(const Setting *setting, void *config, const char *value)
{
	char	   *place = (char *) config + setting->offset;
	int64_t		number;
	char	   *end;

	switch (setting->type)
	{
		case SETTING_STRING:
			if (setting->check != NULL && !setting->check(value))
				return false;
			free(*(char **) place);
			*(char **) place = must_strdup(value);
			return true;

		case SETTING_INTEGER:
			if (!parse_integer(value, &number, &end) || *end != '\0' ||
				number < setting->minimum || number > setting->maximum)
				return false;
			*(int *) place = (int) number;
			return true;

		case SETTING_SIZE:
			if (!parse_size(value, &number) ||
				number < setting->minimum || number > setting->maximum)
				return false;
			*(size_t *) place = (size_t) number;
			return true;

		case SETTING_BOOLEAN:
			return parse_boolean(value, (bool *) place);

		case SETTING_CHOICE:
			for (int i = 0; setting->choices[i] != NULL; i++)
			{
				if (strcmp(value, setting->choices[i]) == 0)
				{
					*(int *) place = i;
					return true;
				}
			}
			return false;
	}
	return false;
}

/*
 * Write a size with the largest unit that leaves it whole.
 */
static void
print_size(Buffer *buffer, int64_t size)
{
	if (size % GB == 0)
		buffer_printf(buffer, "%dGB", (int) (size / GB));
	else if (size % MB == 0)
		buffer_printf(buffer, "%dMB", (int) (size / MB));
	else
		buffer_printf(buffer, "%dkB", (int) (size / KB));
}

void
setting_print_range(Buffer *buffer, const Setting *setting)
{
	switch (setting->type)
	{
		case SETTING_STRING:
			break;

		case SETTING_INTEGER:
			buffer_printf(buffer, "%d to %d",
						  (int) setting->minimum, (int) setting->maximum);
			break;

		case SETTING_SIZE:
			print_size(buffer, setting->minimum);
			buffer_puts(buffer, " to ");
			print_size(buffer, setting->maximum);
			break;

		case SETTING_BOOLEAN:
			buffer_puts(buffer, "on, off");
			break;

		case SETTING_CHOICE:
			for (int i = 0; setting->choices[i] != NULL; i++)
				buffer_printf(buffer, "%s%s", i > 0 ? ", " : "", setting->choices[i]);
			break;
	}
}
