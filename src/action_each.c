/*-------------------------------------------------------------------------
 *
 * action_each.c
 *		Steps of which each succeeds or fails by itself.
 *
 * The calls raise an error for what is wrong, and the first one ends them.  In
 * a batch of the AWS protocol, and among requests that came together, each one
 * fails or succeeds by itself.  So they run in a subtransaction, which is
 * rolled back where one raises an error that SQS would answer.
 *
 * They share it, as long as none fails: one for each would cost as much as what
 * is done in it, and where each has an id of its own, a few dozen make every
 * snapshot of other sessions slower.  When one fails, those before it, which
 * the rollback has undone, are done once more, and the others go on in a new
 * one.  So none is done more than twice, unless it fails the second time.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "action_each.h"
#include "audit.h"
#include "authorize.h"
#include "report.h"
#include "requestcontext.h"

/*
 * What SQS would say of an error; false if nothing.
 */
static bool
recognize(const ErrorData *caught, ActionFailure *failure)
{
	failure->failed = true;
	if (report_recognize(caught, &failure->error, &failure->text))
		return true;
	if (caught->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE)
	{
		/* it is the server's own */
		failure->error = SQS_ACCESS_DENIED;
		failure->text = caught->message;
		return true;
	}
	failure->failed = false;
	return false;
}

/*
 * Call a function for each number in one subtransaction.  Returns the number
 * that failed, or to if none did.
 */
static int
try_together(ActionFailure *failures, int from, int to,
			 void (*step) (int number, void *arg), void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile int number = from;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		for (; number < to; number++)
		{
			if (!failures[number].failed)
				step(number, arg);
		}
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		ErrorData  *caught;

		MemoryContextSwitchTo(context);
		caught = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;

		if (number >= to || !recognize(caught, &failures[number]))
			ReThrowError(caught);
	}
	PG_END_TRY();
	return number;
}

/*
 * Call a function for each number, and undo what those that fail did.
 */
void
action_try_each(ActionFailure *failures, int from, int to,
				void (*step) (int number, void *arg), void *arg)
{
	while (from < to)
	{
		int			failed = try_together(failures, from, to, step, arg);

		if (failed < to)
			action_try_each(failures, from, failed, step, arg);
		from = failed + 1;
	}
}

/*
 * Call a function for each number that leaves nothing to be done again.
 */
void
action_check_each(ActionFailure *failures, int from, int to,
				  void (*check) (int number, void *arg), void *arg)
{
	while (from < to)
		from = try_together(failures, from, to, check, arg) + 1;
}

void
action_good_begin(ActionGood *good, const ActionCalls *calls)
{
	good->count = 0;
	good->numbers = palloc(calls->count * sizeof(int));
	good->queues = palloc(calls->count * sizeof(Queue *));
}

void
action_good_add(ActionGood *good, int number, Queue *queue)
{
	good->numbers[good->count] = number;
	good->queues[good->count++] = queue;
}

/* Requests that are done together */
typedef struct Together
{
	void		(*step) (int from, int to, void *arg);
	void	   *arg;
	int			from;
	int			to;
} Together;

static void
do_together(int number, void *arg)
{
	Together   *together = arg;

	together->step(together->from, together->to, together->arg);
}

/*
 * Do good requests of one queue together, or each alone.
 */
static void
try_run(ActionCalls *calls, const ActionGood *good, Together *together,
		int from, int to)
{
	ActionFailure failure = {false};

	together->from = from;
	together->to = to;
	action_check_each(&failure, 0, 1, do_together, together);
	if (failure.failed && to - from == 1)
		calls->failures[good->numbers[from]] = failure;
	else if (failure.failed)
	{
		for (int i = from; i < to; i++)
			try_run(calls, good, together, i, i + 1);
	}
}

/*
 * Do good requests, those of each queue together.
 */
void
action_try_together(ActionCalls *calls, const ActionGood *good,
					void (*step) (int from, int to, void *arg), void *arg)
{
	Together	together = {.step = step,.arg = arg};

	for (int from = 0, to = 0; from < good->count; from = to)
	{
		while (to < good->count && good->queues[to] == good->queues[from])
			to++;
		try_run(calls, good, &together, from, to);
	}
}

pg_noreturn static void report_client(void);

static void
report_client(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("client is not a flag, an address and a user agent")));
}

/*
 * Act for the client of a request.
 */
const text *
action_act_for(ActionCalls *calls, int number)
{
	const text *client = calls->client_count == 0 ? NULL :
	calls->clients[calls->client_count == 1 ? 0 : number];
	char	   *address;
	char	   *agent;

	if (client == calls->acting_for)
		return client;
	calls->acting_for = client;
	address = text_to_cstring(client);
	agent = address + strcspn(address, " ");
	if (agent - address != 1 || (address[0] != '0' && address[0] != '1'))
		report_client();
	agent = address + 2 + strcspn(address + 2, " ");
	if (*agent == '\0')
		report_client();
	*agent++ = '\0';
	request_context_set(address + 2, address[0] == '1', agent[0] == '\0' ? NULL : agent);
	return client;
}

/*
 * The queue of a reference, which is as a rule that of the request before.
 */
Queue *
action_lookup(ActionLookup *lookup, const text *reference)
{
	Queue	   *queue;

	if (lookup->reference != NULL && lookup->client == lookup->looked_up_for &&
		!audit_is_complete() &&
		VARSIZE_ANY_EXHDR(lookup->reference) == VARSIZE_ANY_EXHDR(reference) &&
		memcmp(VARDATA_ANY(lookup->reference), VARDATA_ANY(reference),
			   VARSIZE_ANY_EXHDR(reference)) == 0)
		return lookup->queue;
	queue = palloc(sizeof(Queue));
	authorize_lookup(reference, lookup->action, queue);
	lookup->reference = reference;
	lookup->looked_up_for = lookup->client;
	lookup->queue = queue;
	return queue;
}
