/*-------------------------------------------------------------------------
 *
 * stock.c
 *		The messages that we hold: received, and neither deleted nor returned.
 *
 * A message is ready, in the order they came, until a handler takes it.  Those
 * of a FIFO queue have groups: what is ready of a group stays so while earlier
 * messages of it are at work, and is returned with them if one fails.  They come
 * again in their order, since the database hands out nothing of a group before
 * the one that failed.
 *
 * All of them are hidden anew, by a heartbeat, well before they would be visible
 * again.  Where that cannot be done in time, others may receive what is ready, so
 * it is not begun any more.  And what is ready for longer than that time, since all
 * handlers are at work on others, is returned: some other worker may have one that
 * is free.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "count.h"
#include "log.h"
#include "loop.h"
#include "settle.h"
#include "stock.h"

#define GROUP_BUCKETS 1024

/* Messages of a heartbeat */
#define EXTEND_MAX 10000

/* A message group of a FIFO queue, while messages of it are held */
typedef struct Group
{
	char	   *id;
	int			held;
	int			ready;
	int			taken;
	uint64_t	taker;			/* the call that took the last one */
	struct Group *next;			/* in the bucket */
} Group;

static const Config *config;
static Message *first_held = NULL;
static Message *first_ready = NULL;
static Message **last_ready = &first_ready;
static int	held = 0;
static int	ready = 0;
static int	blocked = 0;		/* ready, but behind others of their group */
static size_t bytes = 0;
static Group *groups[GROUP_BUCKETS];
static uint64_t takes = 0;
static LoopTimer heartbeat_timer;
static bool extending = false;
static bool extended_alone = false;
static int64_t extended_until = 0;

static void heartbeat(void *arg);

void
stock_open(const Config *settings)
{
	config = settings;
	heartbeat(NULL);
}

static unsigned int
hash(const char *id)
{
	unsigned int value = 2166136261u;

	for (const unsigned char *c = (const unsigned char *) id; *c != '\0'; c++)
		value = (value ^ *c) * 16777619u;
	return value % GROUP_BUCKETS;
}

static Group *
group_join(const char *id)
{
	Group	  **bucket = &groups[hash(id)];
	Group	   *group = *bucket;

	while (group != NULL && strcmp(group->id, id) != 0)
		group = group->next;
	if (group == NULL)
	{
		group = must_calloc(1, sizeof(*group));
		group->id = must_strdup(id);
		group->next = *bucket;
		*bucket = group;
	}
	group->held++;
	return group;
}

static void
group_leave(Group *group)
{
	Group	  **place = &groups[hash(group->id)];

	if (--group->held > 0)
		return;
	while (*place != group)
		place = &(*place)->next;
	*place = group->next;
	free(group->id);
	free(group);
}

/*
 * Note that a message has become ready or is not any more, or that it is at work
 * or is not any more.
 */
static void
note_ready(Message *message, int change)
{
	ready += change;
	if (message->group == NULL)
		return;
	message->group->ready += change;
	if (message->group->taken > 0)
		blocked += change;
}

static void
note_taken(Message *message, int change)
{
	Group	   *group = message->group;
	bool		before;

	if (group == NULL)
		return;
	before = group->taken > 0;
	group->taken += change;
	if (before != (group->taken > 0))
		blocked += before ? -group->ready : group->ready;
}

void
stock_add(Message *message, int64_t hidden_until)
{
	if (message->values[MESSAGE_SEQUENCE_NUMBER] != NULL &&
		message->values[MESSAGE_GROUP_ID] != NULL)
		message->group = group_join(message->values[MESSAGE_GROUP_ID]);
	message->came = loop_now();
	message->hidden_until = hidden_until;
	message->next = first_held;
	if (first_held != NULL)
		first_held->previous = message;
	first_held = message;
	held++;
	bytes += message->size;
	*last_ready = message;
	last_ready = &message->next_ready;
	note_ready(message, 1);
}

/*
 * Take a message out of the list of those that are ready; place points at it.
 */
static void
unready(Message **place)
{
	Message    *message = *place;

	*place = message->next_ready;
	if (last_ready == &message->next_ready)
		last_ready = place;
	message->next_ready = NULL;
	note_ready(message, -1);
}

/*
 * A message is ours no longer.
 */
static void
unhold(Message *message)
{
	if (message->previous != NULL)
		message->previous->next = message->next;
	else
		first_held = message->next;
	if (message->next != NULL)
		message->next->previous = message->previous;
	held--;
	bytes -= message->size;
	if (message->group != NULL)
		group_leave(message->group);
	message->group = NULL;
}

int
stock_take(Message **messages, int max)
{
	Message   **place = &first_ready;
	int			count = 0;

	takes++;
	while (*place != NULL && count < max)
	{
		Message    *message = *place;
		Group	   *group = message->group;

		if (group != NULL && group->taken > 0 && group->taker != takes)
		{
			place = &message->next_ready;
			continue;
		}
		unready(place);
		if (message->hidden_until <= loop_now())
		{
			counts.overdue++;
			unhold(message);
			message_free(message);
			continue;
		}
		if (group != NULL)
			group->taker = takes;
		note_taken(message, 1);
		messages[count++] = message;
	}
	return count;
}

void
stock_done(Message *message)
{
	note_taken(message, -1);
	unhold(message);
	settle_delete(message);
}

/*
 * Return a message that no handler has begun; place points at it.
 */
static void
return_ready(Message **place)
{
	Message    *message = *place;

	unready(place);
	unhold(message);
	counts.returned++;
	settle_return(message, 0);
}

/*
 * Return what is ready of a group, at once: it is not visible before the one that
 * failed.
 */
static void
return_followers(Group *group)
{
	Message   **place = &first_ready;

	while (*place != NULL && group->ready > 0)
	{
		Message    *message = *place;

		if (message->group == group)
			return_ready(place);
		else
			place = &message->next_ready;
	}
}

void
stock_failed(Message *message, int timeout)
{
	Group	   *group = message->group;

	note_taken(message, -1);
	if (group != NULL)
	{
		group->held++;			/* so that it does not go before we are done */
		unhold(message);
		settle_return(message, timeout);
		return_followers(group);
		group_leave(group);
		return;
	}
	unhold(message);
	settle_return(message, timeout);
}

void
stock_put_back(Message *message)
{
	note_taken(message, -1);
	message->next_ready = first_ready;
	if (first_ready == NULL)
		last_ready = &message->next_ready;
	first_ready = message;
	note_ready(message, 1);
}

void
stock_return_ready(void)
{
	while (first_ready != NULL)
		return_ready(&first_ready);
}

/*
 * Return what has been ready for so long.  Nobody else could get what is behind
 * other messages of its group.
 */
static void
return_old(int64_t time)
{
	Message   **place = &first_ready;

	while (*place != NULL)
	{
		if ((*place)->group == NULL && loop_now() - (*place)->came > time)
			return_ready(place);
		else
			place = &(*place)->next_ready;
	}
}

int
stock_held(void)
{
	return held;
}

int
stock_ready(void)
{
	return ready;
}

int
stock_available(void)
{
	return ready - blocked;
}

size_t
stock_bytes(void)
{
	return bytes;
}

/*
 * A heartbeat has ended.  If it was refused, each of its messages is to be hidden
 * by itself, without waiting for the next one.
 */
static void
heartbeat_done(Extended outcome)
{
	extending = false;
	for (Message *message = first_held; message != NULL; message = message->next)
	{
		if (!message->extending)
			continue;
		message->extending = false;
		if (outcome == EXTENDED)
		{
			counts.extended++;
			message->hidden_until = extended_until;
		}
		else if (outcome == EXTENDED_REFUSED)
		{
			message->extend_never = message->extend_alone;
			message->extend_alone = true;
		}
	}
	if (outcome == EXTENDED_REFUSED || extended_alone)
		loop_timer_set(&heartbeat_timer, loop_now(), heartbeat, NULL);
}

/*
 * Whether a message has used up a third of its time.
 */
static bool
is_due(const Message *message, int64_t time)
{
	return !message->extend_never && message->hidden_until - loop_now() <= time * 2 / 3;
}

/*
 * Hide anew what is due: all that were never refused, or one that was.
 */
static void
heartbeat(void *arg)
{
	int64_t		time = config->visibility_timeout * MICROSECONDS_PER_SECOND;
	const char **handles;
	Message    *alone = NULL;
	int			count = 0;

	loop_timer_set(&heartbeat_timer, loop_clock() + time / 8, heartbeat, NULL);
	return_old(time);
	if (held == 0 || extending || !settle_ready())
		return;
	handles = must_malloc(EXTEND_MAX * sizeof(char *));
	for (Message *message = first_held; message != NULL && count < EXTEND_MAX; message = message->next)
	{
		if (!is_due(message, time))
			continue;
		if (message->extend_alone)
		{
			alone = message;
			continue;
		}
		message->extending = true;
		handles[count++] = message->values[MESSAGE_RECEIPT_HANDLE];
	}
	extended_alone = count == 0 && alone != NULL;
	if (extended_alone)
	{
		alone->extending = true;
		handles[count++] = alone->values[MESSAGE_RECEIPT_HANDLE];
	}
	if (count > 0)
	{
		extending = true;
		extended_until = loop_now() + time;
		settle_extend(handles, count, heartbeat_done);
	}
	free(handles);
}
