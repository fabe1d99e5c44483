/*-------------------------------------------------------------------------
 *
 * batch.c
 *		Requests that are performed together.
 *
 * A commit costs a flush of the WAL, whatever it commits.  So requests for the
 * same action on the same queue by the same access key are gathered while all
 * connections are at work, and go as one statement, in which each succeeds or
 * fails by itself.  Statements on several queues go as one transaction where
 * none of them can wait for another: standard queues never do, sends to a FIFO
 * queue lock its message groups up to the commit.
 *
 * If a transaction as a whole fails, by an error that is not one of SQS, it has
 * had no effect: each of its requests is repeated in a transaction of its own,
 * so that only those fail that have to.
 *
 *-------------------------------------------------------------------------
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "buffer.h"
#include "http.h"
#include "log.h"
#include "pgpool.h"

/* Limits of a statement: memory on both sides, and time until the commit */
#define BATCH_JOBS 256
#define BATCH_BYTES (2 * 1024 * 1024)

/* Statements of a transaction */
#define TRANSACTION_STATEMENTS 16

/*
 * Statements of one group in flight: while one waits for its commit the next
 * can be under way, but more would only make each smaller.
 */
#define GROUP_IN_FLIGHT 2

/* Jobs that can share a statement, as far as not sent yet */
typedef struct Group
{
	const Action *action;
	bool		last;
	bool		alone;			/* of which each is a transaction of its own */
	char	   *access_key_id;
	char	   *queue;
	Job		   *first;
	Job		  **tail;
	int			in_flight;
	bool		ready;			/* in the list of those to be sent */
	struct Group *next;			/* there */
} Group;

/* A statement in flight */
typedef struct Batch
{
	Statement	statement;
	Group	   *group;
	Job		   *first;
	int			count;
	int			transaction_jobs;	/* of all statements of the transaction */
	char	   *array;
	char	   *clients;
} Batch;

static void batch_dispatch(void);

static void *groups = NULL;		/* a tree of tsearch() */
static Group *first_ready = NULL;
static Group **last_ready = &first_ready;
static int	ready_count = 0;
static int	waiting = 0;
static int	in_flight = 0;
static long total_statements = 0;
static long total_jobs = 0;
static long total_transactions = 0;

/*
 * Order of strings of which one may be NULL.
 */
static int
compare_strings(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int
compare_groups(const void *a, const void *b)
{
	const Group *one = a;
	const Group *other = b;
	int			order;

	if (one->action != other->action)
		return one->action < other->action ? -1 : 1;
	if (one->last != other->last)
		return one->last ? -1 : 1;
	if (one->alone != other->alone)
		return one->alone ? -1 : 1;
	order = compare_strings(one->queue, other->queue);
	if (order == 0)
		order = compare_strings(one->access_key_id, other->access_key_id);
	return order;
}

static Group *
group_of(const Job *job)
{
	Group		key;
	Group	  **found;
	Group	   *group;

	memset(&key, 0, sizeof(key));
	key.action = job->action;
	key.last = job->last;
	/* those that are not on messages lock what they change, and are rare */
	key.alone = job->alone || !job->action->on_messages;
	key.queue = (char *) job->queue;
	key.access_key_id = (char *) job->access_key_id;
	found = tsearch(&key, &groups, compare_groups);
	if (found == NULL)
		abort();
	if (*found != &key)
		return *found;

	group = must_malloc(sizeof(*group));
	*group = key;
	group->queue = job->queue == NULL ? NULL : must_strdup(job->queue);
	group->access_key_id = job->access_key_id == NULL ? NULL : must_strdup(job->access_key_id);
	group->tail = &group->first;
	*found = group;
	return group;
}

static bool
is_fifo(const char *queue)
{
	size_t		length = queue == NULL ? 0 : strlen(queue);

	return length >= 5 && strcmp(queue + length - 5, ".fifo") == 0;
}

/*
 * Whether another statement of a group can be sent.  Sends to a FIFO queue would
 * wait for each other, and for whoever else sends to it, on as many connections.
 */
static bool
can_send(const Group *group)
{
	return group->alone ||
		group->in_flight < (is_fifo(group->queue) ? 1 : GROUP_IN_FLIGHT);
}

/*
 * A group has changed: put it into the list of those to be sent, or forget it.
 */
static void
group_settle(Group *group)
{
	if (group->first == NULL)
	{
		if (group->in_flight > 0 || group->ready)
			return;
		tdelete(group, &groups, compare_groups);
		free(group->queue);
		free(group->access_key_id);
		free(group);
	}
	else if (!group->ready && can_send(group))
	{
		group->ready = true;
		group->next = NULL;
		*last_ready = group;
		last_ready = &group->next;
		ready_count++;
	}
}

static Group *
take_ready(void)
{
	Group	   *group = first_ready;

	first_ready = group->next;
	if (first_ready == NULL)
		last_ready = &first_ready;
	ready_count--;
	group->ready = false;
	return group;
}

void
batch_init(void)
{
	pgpool_add_user(batch_dispatch);
}

void
batch_submit(Job *job)
{
	Group	   *group = group_of(job);

	job->next = NULL;
	*group->tail = job;
	group->tail = &job->next;
	waiting++;
	group_settle(group);
	pgpool_schedule();
}

int
batch_waiting(void)
{
	return waiting;
}

int
batch_in_flight(void)
{
	return in_flight;
}

void
batch_totals(long *statements, long *jobs, long *transactions)
{
	*statements = total_statements;
	*jobs = total_jobs;
	*transactions = total_transactions;
}

static void
finish_failed(Job *job, int error, const char *text)
{
	Failure		failure;
	JobResult	result = {&failure, NULL, 0, NULL};

	failure.error = error;
	failure.text = (char *) text;
	job->done(job, &result);
}

static void
finish_unavailable(Job *job)
{
	finish_failed(job, GATEWAY_SERVICE_UNAVAILABLE, "Service is unavailable. Try again later.");
}

/*
 * Whether an error is about the state of the server and not about what was
 * asked of it: a class of SQLSTATEs.
 */
static bool
is_of_server(const char *sqlstate)
{
	static const char *const beginnings[] = {"08", "25006", "40", "53", "57", "58"};

	for (int i = 0; i < (int) (sizeof(beginnings) / sizeof(beginnings[0])); i++)
	{
		if (strncmp(sqlstate, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	}
	return false;
}

/*
 * End a job by the error that its statement raised.  An error of SQS has its
 * shape and text in the detail.
 */
static void
finish_by_error(Job *job, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	int			error = sqlstate == NULL ? -1 : error_from_sqlstate(sqlstate);

	if (error >= 0 && detail != NULL)
	{
		size_t		length = strlen(error_info(error)->shape);

		if (strncmp(detail, error_info(error)->shape, length) == 0 &&
			strncmp(detail + length, ": ", 2) == 0)
		{
			finish_failed(job, error, detail + length + 2);
			return;
		}
	}
	log_event(LOG_LEVEL_ERROR, "statement_failed", "action", "s", job->action->name,
			  "sqlstate", "s", sqlstate,
			  "reason", "s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), NULL);
	if (error == SQS_ACCESS_DENIED)
		finish_failed(job, error, "Access to the resource is denied.");
	else if (sqlstate != NULL && is_of_server(sqlstate))
		finish_unavailable(job);
	else
		finish_failed(job, GATEWAY_INTERNAL_FAILURE, "The request could not be processed because of an internal error.");
}

/*
 * End a job as a row of the answer says.
 */
static void
finish_by_row(Job *job, const PGresult *result, int row)
{
	JobResult	answer = {NULL, NULL, 0, NULL};

	if (!PQgetisnull(result, row, 0))
	{
		int			error = error_from_sqlstate(PQgetvalue(result, row, 0));

		finish_failed(job, error < 0 ? GATEWAY_INTERNAL_FAILURE : error,
					  PQgetvalue(result, row, 1));
		return;
	}
	if (!PQgetisnull(result, row, 2))
	{
		answer.wait = atoi(PQgetvalue(result, row, 2));
		answer.awaited = PQgetvalue(result, row, 1);
	}
	else if (!PQgetisnull(result, row, 1))
		answer.answer = PQgetvalue(result, row, 1);
	else
	{
		/* not done, as the answers of those before it are long */
		if (http_has_room())
			batch_submit(job);
		else
			finish_unavailable(job);
		return;
	}
	job->done(job, &answer);
}

static void
batch_done(Statement *statement, Outcome outcome, const PGresult *result)
{
	Batch	   *batch = statement->arg;
	Group	   *group = batch->group;
	Job		   *job = batch->first;
	const char *sqlstate = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
	int			row = 0;

	if (outcome == OUTCOME_DONE && PQntuples(result) != batch->count)
	{
		log_event(LOG_LEVEL_ERROR, "answer_malformed", "rows", "i", PQntuples(result),
				  "expected", "i", batch->count, NULL);
		outcome = OUTCOME_LOST;
	}
	while (job != NULL)
	{
		Job		   *next = job->next;

		in_flight--;
		if (outcome == OUTCOME_DONE)
			finish_by_row(job, result, row++);
		else if (outcome == OUTCOME_LOST)
			finish_unavailable(job);
		else if (outcome == OUTCOME_FAILED &&
				 (batch->transaction_jobs == 1 || (sqlstate != NULL && is_of_server(sqlstate))))
			finish_by_error(job, result);
		else if (batch->transaction_jobs == 1)
			finish_unavailable(job);	/* the commit failed */
		else
		{
			job->alone = true;
			batch_submit(job);
		}
		job = next;
	}
	group->in_flight--;
	group_settle(group);
	pgpool_schedule();
	free(batch->array);
	free(batch->clients);
	free(batch);
}

/*
 * Take jobs off a group and make a statement of them.
 */
static Batch *
batch_make(Group *group)
{
	Batch	   *batch = must_calloc(1, sizeof(*batch));
	const char *requests[BATCH_JOBS];
	const char *clients[BATCH_JOBS];
	bool		one_client = true;
	size_t		bytes = 0;
	Job		  **last = &batch->first;

	while (group->first != NULL && batch->count < BATCH_JOBS)
	{
		Job		   *job = group->first;

		bytes += strlen(job->request);
		if (batch->count > 0 && (group->alone || bytes > BATCH_BYTES))
			break;
		clients[batch->count] = job->client;
		if (strcmp(clients[0], job->client) != 0)
			one_client = false;
		requests[batch->count++] = job->request;
		group->first = job->next;
		if (group->first == NULL)
			group->tail = &group->first;
		job->next = NULL;
		*last = job;
		last = &job->next;
	}
	batch->group = group;
	batch->statement.name = STATEMENT_PERFORM;
	batch->statement.values[0] = group->access_key_id;
	batch->statement.values[1] = group->action->name;
	batch->statement.values[3] = group->last ? "true" : "false";
	statement_text_array(&batch->statement, 2, &batch->array, batch->count, requests);
	statement_text_array(&batch->statement, 4, &batch->clients,
						 one_client ? 1 : batch->count, clients);
	batch->statement.param_count = 5;
	batch->statement.done = batch_done;
	batch->statement.arg = batch;
	waiting -= batch->count;
	in_flight += batch->count;
	group->in_flight++;
	total_statements++;
	total_jobs += batch->count;
	group_settle(group);
	return batch;
}

/*
 * Send a transaction of up to so many statements.
 */
static void
send_transaction(int statements)
{
	Batch	   *batches[TRANSACTION_STATEMENTS];
	int			count = 0;
	int			jobs = 0;

	do
	{
		Group	   *group = take_ready();
		bool		single = group->alone || is_fifo(group->queue);

		batches[count] = batch_make(group);
		jobs += batches[count++]->count;
		if (single)
			break;
	}
	while (count < statements && first_ready != NULL &&
		   !first_ready->alone && !is_fifo(first_ready->queue));

	for (int i = 0; i < count; i++)
	{
		batches[i]->transaction_jobs = jobs;
		batches[i]->statement.next = i + 1 < count ? &batches[i + 1]->statement : NULL;
	}
	total_transactions++;
	pgpool_execute(&batches[0]->statement);
}

/*
 * Answer everything that waits: there is no database.
 */
static void
fail_waiting(void)
{
	while (first_ready != NULL)
	{
		Group	   *group = take_ready();
		Job		   *job = group->first;

		group->first = NULL;
		group->tail = &group->first;
		while (job != NULL)
		{
			Job		   *next = job->next;

			waiting--;
			finish_unavailable(job);
			job = next;
		}
		group_settle(group);
	}
}

/*
 * Send what can be sent: what is ready is spread over the idle connections.
 */
static void
batch_dispatch(void)
{
	int			idle;

	if (pgpool_ready() == 0)
	{
		fail_waiting();
		return;
	}
	while (first_ready != NULL && (idle = pgpool_idle()) > 0)
	{
		int			share = (ready_count + idle - 1) / idle;

		send_transaction(share > TRANSACTION_STATEMENTS ? TRANSACTION_STATEMENTS : share);
	}
}
