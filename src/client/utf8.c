/*-------------------------------------------------------------------------
 *
 * utf8.c
 *		Whether bytes are UTF-8, as PostgreSQL takes it.
 *
 * That is RFC 3629: no surrogates, nothing above U+10FFFF, and each character
 * in its shortest form.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "utf8.h"

/*
 * The range of a second byte depends on the first one; all after it are
 * between 0x80 and 0xBF.
 */
size_t
utf8_length(const char *bytes, size_t length)
{
	const unsigned char *s = (const unsigned char *) bytes;
	unsigned char low = 0x80;
	unsigned char high = 0xBF;
	size_t		expected;

	if (length == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xC2 || s[0] > 0xF4)
		return 0;
	expected = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
	if (length < expected)
		return 0;
	if (s[0] == 0xE0)
		low = 0xA0;
	else if (s[0] == 0xED)
		high = 0x9F;
	else if (s[0] == 0xF0)
		low = 0x90;
	else if (s[0] == 0xF4)
		high = 0x8F;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < expected; i++)
	{
		if (s[i] < 0x80 || s[i] > 0xBF)
			return 0;
	}
	return expected;
}

bool
utf8_valid(const char *bytes, size_t length)
{
	while (length > 0)
	{
		size_t		step = utf8_length(bytes, length);

		if (step == 0)
			return false;
		bytes += step;
		length -= step;
	}
	return true;
}

void
utf8_clean(char *string)
{
	size_t		length = strlen(string);

	while (length > 0)
	{
		size_t		step = utf8_length(string, length);

		if (step == 0)
		{
			*string = '?';
			step = 1;
		}
		string += step;
		length -= step;
	}
}
