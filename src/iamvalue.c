/*-------------------------------------------------------------------------
 *
 * iamvalue.c
 *		Values that conditions compare: numbers, dates, addresses, bytes.
 *
 * All come as texts, from the policy and from the request, and none of the
 * functions here raises an error: a request's value that cannot be read is one
 * that nothing equals.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FRONTEND
#include "postgres.h"
#else
#include "postgres_fe.h"
#endif

#include <arpa/inet.h>
#include <math.h>

#include "common/base64.h"
#include "datatype/timestamp.h"

#include "compat.h"
#include "iamvalue.h"

/* Years that a date may have; what is beyond does not fit into 64 bits */
#define YEAR_MAX 9999

/* Seconds since 1970 of the end of that year */
#define EPOCH_MAX 253402300799.0

/*
 * A number in decimal.  strtod() would take more: "inf", "0x10".
 */
bool
iamvalue_number(const char *text, double *number)
{
	const char *c = text;
	size_t		digits;

	c += *c == '-' || *c == '+' ? 1 : 0;
	digits = strspn(c, "0123456789");
	c += digits;
	if (*c == '.')
	{
		size_t		decimals = strspn(c + 1, "0123456789");

		digits += decimals;
		c += 1 + decimals;
	}
	if (digits == 0)
		return false;
	if (*c == 'e' || *c == 'E')
	{
		c++;
		c += *c == '-' || *c == '+' ? 1 : 0;
		digits = strspn(c, "0123456789");
		if (digits == 0)
			return false;
		c += digits;
	}
	if (*c != '\0')
		return false;
	*number = strtod(text, NULL);
	return isfinite(*number);
}

/*
 * Read a number of a fixed count of digits, within a range.
 */
static bool
read_digits(const char **c, int count, int low, int high, int *number)
{
	*number = 0;
	for (int i = 0; i < count; i++, (*c)++)
	{
		if (**c < '0' || **c > '9')
			return false;
		*number = *number * 10 + (**c - '0');
	}
	return *number >= low && *number <= high;
}

/*
 * Days since 1970-01-01.  The year is taken to begin in March, so that the day
 * that comes and goes is its last.
 */
static int64
days_since_epoch(int year, int month, int day)
{
	int			y = month > 2 ? year : year - 1;
	int			day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	/* years before the year 0 are not read, but 0 in January is one */
	return (int64) y * 365 + (y >= 0 ? y / 4 - y / 100 + y / 400 : -1) + day_of_year - 719468;
}

static int
days_of_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool		leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/*
 * Read the time of a day and its zone, as microseconds of UTC.  With a second
 * that is added to a day, it is one of the next.
 */
static bool
read_time(const char **c, int64 *time)
{
	int			hour;
	int			minute;
	int			second = 0;
	int64		fraction = 0;
	int			zone_hour;
	int			zone_minute;
	int			sign;

	if (!read_digits(c, 2, 0, 23, &hour) || *(*c)++ != ':' ||
		!read_digits(c, 2, 0, 59, &minute))
		return false;
	if (**c == ':')
	{
		(*c)++;
		if (!read_digits(c, 2, 0, 60, &second))
			return false;
		if (**c == '.')
		{
			int64		unit = USECS_PER_SEC;

			(*c)++;
			if (**c < '0' || **c > '9')
				return false;
			for (; **c >= '0' && **c <= '9'; (*c)++)
			{
				unit /= 10;
				fraction += unit * (**c - '0');
			}
		}
	}
	*time = (hour * INT64CONST(3600) + minute * 60 + second) * USECS_PER_SEC + fraction;
	if (**c == 'Z')
	{
		(*c)++;
		return true;
	}
	if (**c != '+' && **c != '-')
		return false;
	sign = *(*c)++ == '+' ? 1 : -1;
	if (!read_digits(c, 2, 0, 23, &zone_hour))
		return false;
	if (**c == ':')
		(*c)++;
	if (!read_digits(c, 2, 0, 59, &zone_minute))
		return false;
	*time -= sign * (zone_hour * 60 + zone_minute) * INT64CONST(60) * USECS_PER_SEC;
	return true;
}

/*
 * A date: a year, with or without month, day, and time, or else a number of
 * seconds.  Four digits alone are a year.
 */
bool
iamvalue_date(const char *text, int64 *date)
{
	const char *c = text;
	int			year;
	int			month = 1;
	int			day = 1;
	int64		time = 0;
	double		seconds;

	if (strspn(text, "0123456789") != 4 || (text[4] != '\0' && text[4] != '-'))
	{
		if (!iamvalue_number(text, &seconds) || fabs(seconds) > EPOCH_MAX)
			return false;
		*date = (int64) rint(seconds * USECS_PER_SEC);
		return true;
	}
	if (!read_digits(&c, 4, 0, YEAR_MAX, &year))
		return false;
	if (*c == '-')
	{
		c++;
		if (!read_digits(&c, 2, 1, 12, &month))
			return false;
		if (*c == '-')
		{
			c++;
			if (!read_digits(&c, 2, 1, days_of_month(year, month), &day))
				return false;
			if (*c == 'T')
			{
				c++;
				if (!read_time(&c, &time))
					return false;
			}
		}
	}
	*date = days_since_epoch(year, month, day) * USECS_PER_DAY + time;
	return *c == '\0';
}

bool
iamvalue_boolean(const char *text, bool *value)
{
	*value = pg_strcasecmp(text, "true") == 0;
	return *value || pg_strcasecmp(text, "false") == 0;
}

/*
 * Set all bits to zero that do not count.
 */
static void
address_mask(IamAddress *address)
{
	for (int i = 0; i < address->length; i++)
	{
		int			left = address->bits - 8 * i;

		if (left <= 0)
			address->bytes[i] = 0;
		else if (left < 8)
			address->bytes[i] &= 0xff << (8 - left);
	}
}

/*
 * An address of either version, with the number of bits that count after a
 * slash.  A version 4 address in the clothes of version 6 is one of version 4.
 */
bool
iamvalue_address(const char *text, IamAddress *address)
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	char		copy[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t		length = slash != NULL ? (size_t) (slash - text) : strlen(text);

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	memset(address, 0, sizeof(IamAddress));
	if (inet_pton(AF_INET, copy, address->bytes) == 1)
		address->length = 4;
	else if (inet_pton(AF_INET6, copy, address->bytes) == 1)
		address->length = 16;
	else
		return false;

	address->bits = 8 * address->length;
	if (slash != NULL)
	{
		const char *digits = slash + 1;
		size_t		count = strspn(digits, "0123456789");

		if (count < 1 || count > 3 || digits[count] != '\0' || atoi(digits) > address->bits)
			return false;
		address->bits = atoi(digits);
	}
	if (address->length == 16 && address->bits >= 96 &&
		memcmp(address->bytes, mapped, sizeof(mapped)) == 0)
	{
		memmove(address->bytes, address->bytes + 12, 4);
		memset(address->bytes + 4, 0, 12);
		address->length = 4;
		address->bits -= 96;
	}
	address_mask(address);
	return true;
}

bool
iamvalue_contains(const IamAddress *range, const IamAddress *address)
{
	IamAddress	masked = *address;

	if (range->length != address->length || range->bits > address->bits)
		return false;
	masked.bits = range->bits;
	address_mask(&masked);
	return memcmp(masked.bytes, range->bytes, sizeof(masked.bytes)) == 0;
}

/*
 * Bytes in base64.
 */
bool
iamvalue_bytes(const char *text, IamBytes *bytes)
{
	int			room = pg_b64_dec_len(strlen(text));

	bytes->bytes = palloc(room + 1);
	bytes->length = compat_b64_decode(text, strlen(text), bytes->bytes, room);
	return bytes->length >= 0;
}
