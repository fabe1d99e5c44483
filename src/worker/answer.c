/*-------------------------------------------------------------------------
 *
 * answer.c
 *		What a handler says of the messages that it got.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "answer.h"

bool
answer_read(const char *line, size_t length, Answer *answer)
{
	json_t	   *id;
	json_t	   *ok;
	json_t	   *entry;
	size_t		i;

	memset(answer, 0, sizeof(*answer));
	if (length == 0 || line[0] != '{')
		return false;
	answer->object = json_loadb(line, length, 0, NULL);
	id = json_object_get(answer->object, "id");
	ok = json_object_get(answer->object, "ok");
	answer->failed = json_object_get(answer->object, "failed");
	answer->error = json_string_value(json_object_get(answer->object, "error"));
	answer->id = json_string_value(id);
	answer->has_ok = ok != NULL;
	answer->ok = json_is_true(ok);
	if (answer->object == NULL || (id != NULL && answer->id == NULL) ||
		(ok != NULL && !json_is_boolean(ok)) ||
		(answer->failed != NULL && !json_is_array(answer->failed)))
	{
		answer_free(answer);
		return false;
	}
	json_array_foreach(answer->failed, i, entry)
	{
		if (!json_is_string(entry))
		{
			answer_free(answer);
			return false;
		}
	}
	return true;
}

void
answer_free(Answer *answer)
{
	json_decref(answer->object);
	memset(answer, 0, sizeof(*answer));
}

bool
answer_failed(const Answer *answer, const char *message_id)
{
	json_t	   *entry;
	size_t		i;

	json_array_foreach(answer->failed, i, entry)
	{
		if (strcmp(json_string_value(entry), message_id) == 0)
			return true;
	}
	return false;
}
