/*-------------------------------------------------------------------------
 *
 * characters.c
 *		Text as SQS sees it.
 *
 * SQS judges text as UTF-8: it counts bytes of UTF-8 and allows the characters
 * of XML 1.0.  Our text is in the database's encoding, which PostgreSQL has
 * verified already.  So in a UTF8 database nothing is left to look for but
 * control characters and U+FFFE and U+FFFF.  In any other encoding a string
 * that is not plain ASCII is converted once, to be looked at and counted; what
 * is stored is what the sender gave.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "characters.h"

#define QUOTED_MAX 128			/* characters; enough for any valid id */

/* The byte b, eight times; and whether any of a word's bytes is below b <= 128 */
#define EACH_BYTE(b) (UINT64CONST(0x0101010101010101) * (b))
#define HAS_BYTE_BELOW(word, b) \
	((((word) - EACH_BYTE(b)) & ~(word) & EACH_BYTE(0x80)) != 0)

/*
 * The least number of bytes of UTF-8 that a string of the database's encoding
 * can have: what is known of its size without looking at it.
 */
int64
characters_least_size(Size length)
{
	if (GetDatabaseEncoding() == PG_UTF8)
		return length;
	return length / pg_database_encoding_max_length();
}

static bool
is_ascii(const char *string, Size length)
{
	for (Size i = 0; i < length; i++)
	{
		if (IS_HIGHBIT_SET(string[i]))
			return false;
	}
	return true;
}

/*
 * The UTF-8 form of a string: the string itself where that is UTF-8 already,
 * else palloc'd.  NULL if there is none, which only an SQL_ASCII database can
 * bring about.
 */
char *
characters_to_utf8(const char *string, Size length, Size *utf8_length)
{
	char	   *result;

	*utf8_length = length;
	if (GetDatabaseEncoding() == PG_UTF8 || is_ascii(string, length))
		return unconstify(char *, string);
	if (GetDatabaseEncoding() == PG_SQL_ASCII)
	{
		if (!pg_verify_mbstr(PG_UTF8, string, length, true))
			return NULL;
		return unconstify(char *, string);
	}
	result = pg_server_to_any(string, length, PG_UTF8);
	*utf8_length = strlen(result);
	return result;
}

/*
 * Whether a string of valid UTF-8 has only characters that SQS allows: tab,
 * line feed, carriage return, U+0020 to U+D7FF, U+E000 to U+FFFD, and U+10000
 * to U+10FFFF.
 *
 * Valid UTF-8 has no surrogates, so these can break the rule: a byte below
 * 0x20, and EF BF BE or EF BF BF, which are U+FFFE and U+FFFF.  Eight bytes at
 * a time are looked at for a byte below 0x20 or equal to 0xEF; only where there
 * is one are they looked at one by one.
 */
bool
characters_allowed(const char *utf8, Size length)
{
	const unsigned char *p = (const unsigned char *) utf8;
	const unsigned char *end = p + length;

	while (p < end)
	{
		const unsigned char *stop = end;

		if (end - p >= sizeof(uint64))
		{
			uint64		word;

			memcpy(&word, p, sizeof(uint64));
			stop = p + sizeof(uint64);
			if (!HAS_BYTE_BELOW(word, 0x20) &&
				!HAS_BYTE_BELOW(word ^ EACH_BYTE(0xEF), 1))
				p = stop;
		}

		for (; p < stop; p++)
		{
			if (*p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r')
				return false;
			if (*p == 0xEF && end - p >= 3 && p[1] == 0xBF && p[2] >= 0xBE)
				return false;
		}
	}
	return true;
}

/*
 * A copy of a string for an error message: at most QUOTED_MAX characters, and
 * no line break or escape sequence, which would be taken for something else in
 * a log.
 */
char *
characters_quotable(const char *string, Size length)
{
	int			clipped;
	char	   *result;

	/* No more than it looks at: QUOTED_MAX characters and the one after. */
	clipped = pg_mbcharcliplen(string,
							   (int) Min(length, (QUOTED_MAX + 1) * MAX_MULTIBYTE_CHAR_LEN),
							   QUOTED_MAX);
	result = psprintf("%.*s%s", clipped, string, clipped < length ? "..." : "");
	for (char *p = result; *p != '\0'; p++)
	{
		if ((unsigned char) *p < 0x20 || *p == 0x7F)
			*p = '?';
	}
	return result;
}

/*
 * Whether a string of a length, as JSON has them, is a C string.
 */
bool
characters_are(const char *string, int length, const char *other)
{
	return length == strlen(other) && memcmp(string, other, length) == 0;
}
