/*-------------------------------------------------------------------------
 *
 * waits.c
 *		Long polls.
 *
 * A poll first tries to receive, as any request does.  If there is nothing it
 * joins the list of its queue, which is watched from then on; it costs nothing
 * but its memory while it waits.  When the queue has something, the polls that
 * waited longest try again: one, and as long as they find messages, twice as
 * many.  Who finds nothing goes back to the front of the list, and the queue is
 * watched again.  When its time is over a poll tries once more.
 *
 * No message is missed: the server looks at a queue after it has begun to watch
 * it, and all that it then tells of is followed by a try.
 *
 *-------------------------------------------------------------------------
 */
#include <jansson.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "log.h"
#include "waits.h"
#include "watch.h"

/* Polls of a queue that try at a time, at most */
#define TRIES_MAX 128

/* How long a queue is still watched for which nobody waits, in microseconds */
#define LINGER (5 * MICROSECONDS_PER_SECOND)

/* How long a queue rests whose polls could not be served, in microseconds */
#define REST (MICROSECONDS_PER_SECOND / 2)

/* A queue for which polls wait, by its ARN */
typedef struct Watched
{
	char	   *queue;
	bool		watched;		/* the server was asked to */
	Poll	   *first;			/* who waits longest */
	Poll	   *last;
	int			trying;			/* polls of the list that are trying now */
	int			tries;			/* how many may */
	bool		empty;			/* one of them found nothing */
	LoopTimer	linger;
	LoopTimer	rest;			/* set while there is no use in trying */
} Watched;

static void watched_go_on(Watched *watched);

static void *tree = NULL;		/* of tsearch(): all of them */
static Watched **list = NULL;	/* used to go through them */
static int	list_count = 0;
static int	watched_count = 0;
static int	waiting_count = 0;
static bool finishing = false;

static int
compare_watched(const void *a, const void *b)
{
	return strcmp(((const Watched *) a)->queue, ((const Watched *) b)->queue);
}

static Watched *
watched_find(const char *queue, bool make)
{
	Watched		key;
	Watched   **found;
	Watched    *watched;

	key.queue = (char *) queue;
	found = tfind(&key, &tree, compare_watched);
	if (found != NULL)
		return *found;
	if (!make)
		return NULL;
	watched = must_calloc(1, sizeof(*watched));
	watched->queue = must_strdup(queue);
	if (tsearch(watched, &tree, compare_watched) == NULL)
		abort();
	watched_count++;
	return watched;
}

static void
watched_forget(void *arg)
{
	Watched    *watched = arg;

	if (watched->watched)
		watch_remove(watched->queue);
	loop_timer_clear(&watched->linger);
	loop_timer_clear(&watched->rest);
	tdelete(watched, &tree, compare_watched);
	free(watched->queue);
	free(watched);
	watched_count--;
}

static void
list_add(Poll *poll, Watched *watched, bool front)
{
	poll->state = POLL_WAITING;
	poll->watched = watched;
	poll->previous = poll->next = NULL;
	if (watched->first == NULL)
		watched->first = watched->last = poll;
	else if (front)
	{
		poll->next = watched->first;
		watched->first->previous = poll;
		watched->first = poll;
	}
	else
	{
		poll->previous = watched->last;
		watched->last->next = poll;
		watched->last = poll;
	}
	waiting_count++;
	loop_timer_clear(&watched->linger);
	poll->waiting(poll, true);
}

static void
list_remove(Poll *poll)
{
	Watched    *watched = poll->watched;

	if (poll->previous != NULL)
		poll->previous->next = poll->next;
	else
		watched->first = poll->next;
	if (poll->next != NULL)
		poll->next->previous = poll->previous;
	else
		watched->last = poll->previous;
	waiting_count--;
	loop_timer_clear(&poll->timer);
	poll->waiting(poll, false);
}

static void
poll_end(Poll *poll, const JobResult *result)
{
	loop_timer_clear(&poll->timer);
	poll->done(poll, result);
}

static void
try_again(Poll *poll)
{
	poll->state = POLL_TRYING;
	poll->job.alone = false;
	batch_submit(&poll->job);
}

/*
 * The last try: nobody waits for more.
 */
static void
try_last(Poll *poll)
{
	poll->watched = NULL;
	poll->job.last = true;
	try_again(poll);
	poll->state = POLL_LAST;
}

/*
 * The time of a poll that waits is over.
 */
static void
poll_overdue(void *arg)
{
	Poll	   *poll = arg;
	Watched    *watched = poll->watched;

	list_remove(poll);
	try_last(poll);
	watched_go_on(watched);
}

static void
poll_wait(Poll *poll, Watched *watched, bool front)
{
	list_add(poll, watched, front);
	loop_timer_set(&poll->timer, poll->deadline, poll_overdue, poll);
}

/*
 * Have polls of a queue try, or have it watched, as it fits.
 */
static void
watched_go_on(Watched *watched)
{
	if (watched->trying > 0 || watched->rest.place != 0)
		return;
	if (watched->tries > 0 && !watched->watched)
	{
		int			tries = watched->tries;

		if (watched->empty)
			tries = 0;
		while (watched->trying < tries && watched->first != NULL)
		{
			Poll	   *poll = watched->first;

			list_remove(poll);
			if (!poll->alive(poll))
			{
				poll_end(poll, NULL);
				continue;
			}
			watched->trying++;
			try_again(poll);
		}
		if (watched->trying > 0)
			return;
		watched->tries = 0;
	}
	if (watched->first != NULL)
	{
		if (!watched->watched && watch_connected())
		{
			watched->watched = true;
			watch_add(watched->queue);
		}
	}
	else if (watched->linger.place == 0)
		loop_timer_set(&watched->linger, loop_now() + LINGER, watched_forget, watched);
}

static void
rested(void *arg)
{
	watched_go_on(arg);
}

/*
 * A try of a poll that had waited has ended.
 */
static void
tried(Watched *watched, bool found)
{
	watched->trying--;
	if (!found)
		watched->empty = true;
	if (watched->trying == 0 && !watched->empty)
		watched->tries = watched->tries * 2 > TRIES_MAX ? TRIES_MAX : watched->tries * 2;
	watched_go_on(watched);
}

/*
 * Whether an answer has messages: without it is an empty object.
 */
static bool
has_messages(const JobResult *result)
{
	return result->answer != NULL && strstr(result->answer, "\"Messages\"") != NULL;
}

static void
job_done(Job *job, const JobResult *result)
{
	Poll	   *poll = job->arg;
	Watched    *watched = poll->watched;
	bool		found = has_messages(result);

	if (poll->abandoned || (found && !poll->alive(poll)))
	{
		if (found)
			waits_give_back(job, result->answer);
		poll_end(poll, NULL);
	}
	else if (result->failure != NULL && watched != NULL &&
			 result->failure->error == GATEWAY_SERVICE_UNAVAILABLE && !finishing)
	{
		/* it has waited through better times, and can wait for them again */
		poll_wait(poll, watched, true);
		loop_timer_set(&watched->rest, loop_now() + REST, rested, watched);
	}
	else if (result->failure != NULL || result->answer != NULL)
		poll_end(poll, result);
	else
	{
		if (poll->deadline == 0)
			poll->deadline = poll->began + result->wait * MICROSECONDS_PER_SECOND;
		if (finishing || loop_now() >= poll->deadline)
			try_last(poll);
		else
		{
			/* what a client calls its queue may mean another one by now */
			bool		front = watched != NULL && strcmp(watched->queue, result->awaited) == 0;
			Watched    *joined = front ? watched : watched_find(result->awaited, true);

			poll_wait(poll, joined, front);
			if (!front)
				watched_go_on(joined);
		}
	}
	if (watched != NULL)
		tried(watched, found);
}

void
waits_begin(Poll *poll)
{
	poll->state = POLL_TRYING;
	poll->abandoned = false;
	poll->began = loop_now();
	poll->deadline = 0;
	poll->watched = NULL;
	poll->job.last = false;
	poll->job.alone = false;
	poll->job.done = job_done;
	poll->job.arg = poll;
	memset(&poll->timer, 0, sizeof(poll->timer));
	batch_submit(&poll->job);
}

void
waits_abandon(Poll *poll)
{
	if (poll->state == POLL_WAITING)
	{
		Watched    *watched = poll->watched;

		list_remove(poll);
		poll_end(poll, NULL);
		watched_go_on(watched);
	}
	else
		poll->abandoned = true;
}

/*
 * A queue has something.
 */
static void
queue_ready(const char *queue, size_t length)
{
	char	   *name = must_strndup(queue, length);
	Watched    *watched = watched_find(name, false);

	free(name);
	if (watched == NULL || !watched->watched)
		return;
	watched->watched = false;
	watched->tries = 1;
	watched->empty = false;
	watched_go_on(watched);
}

/*
 * Gather all queues, which may then be changed.
 */
static void
gather(const void *node, VISIT visit, int depth)
{
	if (visit == postorder || visit == leaf)
		list[list_count++] = *(Watched *const *) node;
}

static void
for_all(void (*act) (Watched *watched))
{
	int			count;

	list = must_malloc(watched_count * sizeof(*list));
	list_count = 0;
	twalk(tree, gather);
	count = list_count;
	for (int i = 0; i < count; i++)
		act(list[i]);
	free(list);
	list = NULL;
}

static void
unwatch(Watched *watched)
{
	watched->watched = false;
}

static void
connection_lost(void)
{
	for_all(unwatch);
}

static void
connection_back(void)
{
	for_all(watched_go_on);
}

static void
finish(Watched *watched)
{
	while (watched->first != NULL)
	{
		Poll	   *poll = watched->first;

		list_remove(poll);
		try_last(poll);
	}
}

void
waits_finish(void)
{
	finishing = true;
	for_all(finish);
}

void
waits_open(const Config *config)
{
	static const WatchCallbacks callbacks = {queue_ready, connection_lost, connection_back};

	watch_open(config, &callbacks);
}

void
waits_close(void)
{
	watch_close();
}

int
waits_count(void)
{
	return waiting_count;
}

int
waits_watched(void)
{
	return watched_count;
}

bool
waits_ready(void)
{
	return watch_connected();
}

/* A job that makes messages visible again, and its strings */
typedef struct GiveBack
{
	Job			job;
	char	   *access_key_id;
	char	   *queue;
	char	   *request;
	char	   *client;
} GiveBack;

static void
given_back(Job *job, const JobResult *result)
{
	GiveBack   *give = job->arg;

	if (result->failure != NULL)
		log_event(LOG_LEVEL_WARNING, "not_given_back",
				  "code", "s", error_info(result->failure->error)->code, NULL);
	else if (strstr(result->answer, "\"Failed\"") != NULL)
		log_event(LOG_LEVEL_WARNING, "not_given_back", NULL);
	free(give->access_key_id);
	free(give->queue);
	free(give->request);
	free(give->client);
	free(give);
}

void
waits_give_back(const Job *job, const char *answer)
{
	json_t	   *received = json_loads(answer, 0, NULL);
	json_t	   *messages = json_object_get(received, "Messages");
	json_t	   *entries = json_array();
	json_t	   *request;
	json_t	   *message;
	size_t		i;
	GiveBack   *give;

	json_array_foreach(messages, i, message)
		json_array_append_new(entries,
							  json_pack("{s:o, s:O, s:i}", "Id", json_sprintf("%zu", i),
										"ReceiptHandle", json_object_get(message, "ReceiptHandle"),
										"VisibilityTimeout", 0));
	request = json_pack("{s:s, s:o}", "QueueUrl", job->queue, "Entries", entries);
	give = must_calloc(1, sizeof(*give));
	give->access_key_id = job->access_key_id == NULL ? NULL : must_strdup(job->access_key_id);
	give->queue = must_strdup(job->queue);
	give->client = must_strdup(job->client);
	give->request = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	json_decref(received);
	if (give->request == NULL)
		abort();
	give->job.access_key_id = give->access_key_id;
	give->job.action = &action_return_messages;
	give->job.queue = give->queue;
	give->job.request = give->request;
	give->job.client = give->client;
	give->job.last = true;
	give->job.done = given_back;
	give->job.arg = give;
	batch_submit(&give->job);
}
