/*-------------------------------------------------------------------------
 *
 * fuzz_answer.c
 *		Whatever the server answers: elements of the XML are closed, and nothing
 *		in it is markup but what is meant so; JSON can be parsed.
 *
 * The first byte chooses action and protocol.
 *
 *-------------------------------------------------------------------------
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "call.h"
#include "utf8.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Elements inside each other: no answer has more */
#define NESTING_MAX 16

/*
 * Whether a reference to a character is one of those that are written.
 */
static bool
is_reference(const char *text)
{
	static const char *const references[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#xD;"};

	for (int i = 0; i < 5; i++)
	{
		if (strncmp(text, references[i], strlen(references[i])) == 0)
			return true;
	}
	return false;
}

/*
 * Check a document: its elements match, its text has only characters of XML.
 */
static void
check_xml(const char *xml)
{
	const char *names[NESTING_MAX];
	int			nesting = 0;

	if (strncmp(xml, "<?xml version=\"1.0\"?>", 21) != 0)
		abort();
	for (xml += 21; *xml != '\0'; xml++)
	{
		const char *end = strchr(xml, '>');

		if (*xml == '&' && !is_reference(xml))
			abort();
		if (*xml != '<')
		{
			if (nesting == 0 || *xml == '>' ||
				((unsigned char) *xml < 0x20 && *xml != '\t' && *xml != '\n'))
				abort();
			continue;
		}
		if (end == NULL)
			abort();
		if (xml[1] == '/')
		{
			size_t		length = end - xml - 2;

			if (nesting == 0)
				abort();
			nesting--;
			if (strncmp(names[nesting], xml + 2, length) != 0 ||
				strcspn(names[nesting], " >") != length)
				abort();
		}
		else if (end[-1] != '/')
		{
			if (nesting == NESTING_MAX)
				abort();
			names[nesting++] = xml + 1;
		}
		xml = end;
	}
	if (nesting != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Call		call = {.protocol = PROTOCOL_QUERY};
	Answer		answer;
	char	   *json;

	if (size < 1)
		return 0;
	call.action = &actions[data[0] % action_count];
	if (data[0] >= 8 * action_count)
		call.protocol = PROTOCOL_QUERY_JSON;
	json = must_strndup((const char *) data + 1, size - 1);
	call_answer(&call, json, "https://queues.example", "id", &answer);
	if (!utf8_valid(answer.body.data, answer.body.length))
		abort();
	if (call.protocol == PROTOCOL_QUERY)
		check_xml(answer.body.data);
	else
	{
		json_t	   *root = json_loads(answer.body.data, 0, NULL);

		if (!json_is_object(root))
			abort();
		json_decref(root);
	}
	buffer_free(&answer.body);
	free(json);
	return 0;
}
