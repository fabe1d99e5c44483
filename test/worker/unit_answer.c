/*-------------------------------------------------------------------------
 *
 * unit_answer.c
 *		Promises: an answer is an object with members as they are described;
 *		whatever else a handler writes is none.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "answer.h"
#include "tap.h"

static void
test_answer(const char *line, const char *id, int ok, const char *failed, const char *error)
{
	Answer		answer;
	bool		read = answer_read(line, strlen(line), &answer);

	tap_ok(read && (id == NULL ? answer.id == NULL : answer.id != NULL && strcmp(answer.id, id) == 0) &&
		   answer.has_ok == (ok >= 0) && (ok < 0 || answer.ok == ok) &&
		   (failed == NULL || answer_failed(&answer, failed)) && !answer_failed(&answer, "other") &&
		   (error == NULL ? answer.error == NULL : answer.error != NULL && strcmp(answer.error, error) == 0),
		   "an answer: %s", line);
	if (read)
		answer_free(&answer);
}

int
main(void)
{
	static const char *const none[] = {
		"", "x", "7", "null", "[]", "\"id\"", "{", "{}x", "{\"id\":7}", "{\"ok\":1}", "{\"ok\":\"true\"}",
		"{\"ok\":null}", "{\"failed\":{}}", "{\"failed\":[7]}", "{\"failed\":\"a\"}", " {}", "{\"id\":\"\xff\"}"
	};

	test_answer("{}", NULL, -1, NULL, NULL);
	test_answer("{\"id\":\"a\",\"ok\":true}", "a", 1, NULL, NULL);
	test_answer("{\"ok\":false,\"id\":\"a\",\"error\":\"no\",\"more\":[{}]}", "a", 0, NULL, "no");
	test_answer("{\"id\":\"a\",\"ok\":true,\"failed\":[\"b\",\"c\"]} ", "a", 1, "c", NULL);
	test_answer("{\"failed\":[]}", NULL, -1, NULL, NULL);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
	{
		Answer		answer;

		tap_ok(!answer_read(none[i], strlen(none[i]), &answer), "no answer: %s", none[i]);
	}
	return tap_end();
}
