/*-------------------------------------------------------------------------
 *
 * iammatch.c
 *		Texts of policies: wildcards, ARNs and policy variables.
 *
 * In a pattern '*' stands for any characters and '?' for one.  What comes from
 * a request must never act as a wildcard: a role may be called "*".  So before
 * a text is matched it becomes a pattern, where a character that stands for
 * itself, though it looks like a wildcard, has ESCAPE before it.  JSON can have
 * that character, too, and then it is escaped likewise.
 *
 * A '?' takes all bytes of a character of UTF-8.  In other encodings of several
 * bytes it may take more than one to match a character; what policies are
 * about, ARNs and addresses, is ASCII.
 *
 * Variables: ${key} and ${key, 'default'} stand for what the request has, ${*},
 * ${?} and ${$} for the characters.  They came with version 2012-10-17 of the
 * language; a document of the older one has texts only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FRONTEND
#include "postgres.h"
#else
#include "postgres_fe.h"
#endif

#include "lib/stringinfo.h"

#include "iammatch.h"

#define ESCAPE '\001'
#define ARN_PARTS 6

/*
 * A variable, taken apart: from after "${" to the brace, which is there.
 */
typedef struct Variable
{
	char	   *name;
	char	   *fallback;		/* NULL: none */
} Variable;

static char *
copy_trimmed(const char *start, const char *end)
{
	size_t		length;
	char	   *copy;

	while (start < end && *start == ' ')
		start++;
	while (end > start && end[-1] == ' ')
		end--;
	length = end - start;
	copy = palloc(length + 1);
	memcpy(copy, start, length);
	copy[length] = '\0';
	return copy;
}

static bool
variable_read(const char *start, const char *end, Variable *variable)
{
	const char *comma = memchr(start, ',', end - start);

	variable->name = copy_trimmed(start, comma != NULL ? comma : end);
	variable->fallback = NULL;
	if (comma != NULL)
	{
		char	   *quoted = copy_trimmed(comma + 1, end);
		size_t		length = strlen(quoted);

		if (length < 2 || quoted[0] != '\'' || quoted[length - 1] != '\'')
			return false;
		quoted[length - 1] = '\0';
		variable->fallback = quoted + 1;
	}
	return variable->name[0] != '\0' && strpbrk(variable->name, "$*?{ ") == NULL;
}

/*
 * Append a text that has no wildcards.
 */
static void
append_literal(StringInfo result, const char *text, bool pattern)
{
	for (const char *c = text; *c != '\0'; c++)
	{
		if (pattern && (*c == '*' || *c == '?' || *c == ESCAPE))
			appendStringInfoChar(result, ESCAPE);
		appendStringInfoChar(result, *c);
	}
}

/*
 * Replace a variable.  Without a request there is no value for any.
 */
static bool
append_variable(StringInfo result, const char *start, const char *end, bool pattern,
				const IamRequest *request)
{
	Variable	variable;
	IamValues	values;

	if (end - start == 1 && strchr("*?$", *start) != NULL)
	{
		char		literal[2] = {*start, '\0'};

		append_literal(result, literal, pattern);
		return true;
	}
	if (request == NULL || !variable_read(start, end, &variable))
		return false;

	/* which of several values is meant, nobody can know */
	if (request->key(request, variable.name, &values) && values.count == 1)
		append_literal(result, values.values[0], pattern);
	else if (variable.fallback != NULL)
		append_literal(result, variable.fallback, pattern);
	else
		return false;
	return true;
}

/*
 * The text, or the pattern, that a text with variables stands for; NULL if
 * there is no value for one.
 */
static const char *
expand(const char *text, bool variables, bool pattern, const IamRequest *request)
{
	StringInfoData result;

	initStringInfo(&result);
	for (const char *c = text; *c != '\0'; c++)
	{
		if (variables && c[0] == '$' && c[1] == '{')
		{
			const char *end = strchr(c, '}');

			if (end == NULL || !append_variable(&result, c + 2, end, pattern, request))
			{
				pfree(result.data);
				return NULL;
			}
			c = end;
			continue;
		}
		if (pattern && *c == ESCAPE)
			appendStringInfoChar(&result, ESCAPE);
		appendStringInfoChar(&result, *c);
	}
	return result.data;
}

/*
 * Whether the variables of a text are well formed.
 */
static bool
check_variables(const char *text)
{
	const char *c = text;

	while ((c = strstr(c, "${")) != NULL)
	{
		const char *end = strchr(c, '}');
		Variable	variable;

		if (end == NULL)
			return false;
		c += 2;
		if (!(end - c == 1 && strchr("*?$", *c) != NULL) &&
			!variable_read(c, end, &variable))
			return false;
		c = end;
	}
	return true;
}

/*
 * What a text without variables stands for, or NULL for one that has some.  It is
 * kept with the policy, so it gets no more room than it takes.
 */
static const char *
expand_constant(const char *text, bool variables, bool pattern)
{
	const char *expanded = expand(text, variables, pattern, NULL);
	const char *copy = expanded == NULL ? NULL : pstrdup(expanded);

	if (expanded != NULL)
		pfree(unconstify(char *, expanded));
	return copy;
}

/*
 * Prepare a text.
 */
bool
iammatch_prepare(const char *text, bool variables, IamText *result)
{
	if (variables && !check_variables(text))
		return false;
	result->text = text;

	result->plain = expand_constant(text, variables, false);
	result->has_variables = result->plain == NULL;
	result->pattern = expand_constant(text, variables, true);
	return true;
}

const char *
iammatch_plain(const IamText *text, const IamRequest *request)
{
	return text->has_variables ? expand(text->text, true, false, request) : text->plain;
}

const char *
iammatch_pattern(const IamText *text, const IamRequest *request)
{
	return text->has_variables ? expand(text->text, true, true, request) : text->pattern;
}

/*
 * Where the next character of a string begins.
 */
static const char *
next_character(const char *string, const char *end)
{
	bool		several = (unsigned char) *string >= 0xc0;

	string++;
	while (several && string < end && ((unsigned char) *string & 0xc0) == 0x80)
		string++;
	return string;
}

static bool
same_byte(char a, char b, bool fold)
{
	if (a == b)
		return true;
	return fold && pg_ascii_tolower((unsigned char) a) == pg_ascii_tolower((unsigned char) b);
}

/*
 * Match parts of a pattern and a string.  When something does not fit, only the
 * last asterisk is made to take more: what is before it fits already, and no
 * choice there could help.
 */
static bool
glob(const char *pattern, const char *pattern_end, const char *string,
	 const char *string_end, bool fold)
{
	const char *star = NULL;
	const char *retry = NULL;

	while (string < string_end)
	{
		if (pattern < pattern_end && *pattern == '*')
		{
			star = ++pattern;
			retry = string;
			continue;
		}
		if (pattern < pattern_end && *pattern == '?')
		{
			pattern++;
			string = next_character(string, string_end);
			continue;
		}
		if (pattern < pattern_end)
		{
			const char *literal = pattern;

			if (*literal == ESCAPE && literal + 1 < pattern_end)
				literal++;
			if (same_byte(*literal, *string, fold))
			{
				pattern = literal + 1;
				string++;
				continue;
			}
		}
		if (star == NULL)
			return false;
		pattern = star;
		retry = next_character(retry, string_end);
		string = retry;
	}
	while (pattern < pattern_end && *pattern == '*')
		pattern++;
	return pattern == pattern_end;
}

bool
iammatch_glob(const char *pattern, const char *string, bool fold)
{
	return glob(pattern, pattern + strlen(pattern), string, string + strlen(string), fold);
}

/*
 * Match the parts of an ARN one by one; the sixth has all the rest.
 */
bool
iammatch_arn(const char *pattern, const char *arn)
{
	for (int i = 1; i < ARN_PARTS; i++)
	{
		const char *pattern_end = strchr(pattern, ':');
		const char *arn_end = strchr(arn, ':');

		if (pattern_end == NULL || arn_end == NULL ||
			!glob(pattern, pattern_end, arn, arn_end, false))
			return false;
		pattern = pattern_end + 1;
		arn = arn_end + 1;
	}
	return iammatch_glob(pattern, arn, false);
}

bool
iammatch_is_arn(const char *text)
{
	int			parts = 1;

	if (strncmp(text, "arn:", 4) != 0)
		return false;
	for (const char *c = text; *c != '\0'; c++)
		parts += *c == ':' ? 1 : 0;
	return parts >= ARN_PARTS;
}

bool
iammatch_has_wildcard(const char *text)
{
	return strpbrk(text, "*?") != NULL;
}
