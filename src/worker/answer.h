/*-------------------------------------------------------------------------
 *
 * answer.h
 *		What a handler says of the messages that it got.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_ANSWER_H
#define WORKER_ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct Answer
{
	json_t	   *object;
	const char *id;				/* NULL: it has none */
	bool		has_ok;
	bool		ok;
	json_t	   *failed;			/* a list of ids, or NULL */
	const char *error;			/* what the handler says of it, or NULL */
} Answer;

/*
 * Read a line.  False if it is no object of JSON, or has members of these names
 * that are not as they should be; otherwise it is freed by answer_free().
 */
extern bool answer_read(const char *line, size_t length, Answer *answer);
extern void answer_free(Answer *answer);

/* Whether a message is in the list of those that failed */
extern bool answer_failed(const Answer *answer, const char *message_id);

#endif							/* WORKER_ANSWER_H */
