/*-------------------------------------------------------------------------
 *
 * fuzz_policy.c
 *		Policies of any bytes: read, and asked about a request.
 *
 * The input is a policy, and after a line "--" the request that it is asked
 * about: lines with the principal, the action and the resource, and then one
 * line for each key of the context, "name=value=value...".  Lines that are
 * missing have defaults.
 *
 * Whatever the input is, the document is refused with a sentence that can be
 * shown, or it decides; and what it decides obeys the rules that hold for every
 * policy.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "mb/pg_wchar.h"

#include "iampolicy.h"

#define KEYS_MAX 32
#define VALUES_MAX 8

typedef struct Key
{
	const char *name;
	int			count;
	const char *values[VALUES_MAX];
} Key;

typedef struct Context
{
	int			count;
	Key			keys[KEYS_MAX];
} Context;

/*
 * Memory is that of one input: these take the place of PostgreSQL's functions
 * for programs, and each piece stays an allocation that can be watched.
 */
typedef struct Chunk
{
	struct Chunk *next;
	struct Chunk *previous;
} Chunk;

static Chunk chunks = {&chunks, &chunks};

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void *
palloc(Size size)
{
	Chunk	   *chunk = malloc(sizeof(Chunk) + size);

	if (chunk == NULL)
		abort();
	chunk->next = chunks.next;
	chunk->previous = &chunks;
	chunks.next->previous = chunk;
	chunks.next = chunk;
	return chunk + 1;
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void
pfree(void *pointer)
{
	Chunk	   *chunk = (Chunk *) pointer - 1;

	chunk->previous->next = chunk->next;
	chunk->next->previous = chunk->previous;
	free(chunk);
}

void *
repalloc(void *pointer, Size size)
{
	Chunk	   *chunk = (Chunk *) pointer - 1;
	Chunk	   *moved = realloc(chunk, sizeof(Chunk) + size);

	if (moved == NULL)
		abort();
	moved->next->previous = moved;
	moved->previous->next = moved;
	return moved + 1;
}

char *
pstrdup(const char *string)
{
	return strcpy(palloc(strlen(string) + 1), string);
}

void *
palloc_extended(Size size, int flags)
{
	return (flags & MCXT_ALLOC_ZERO) != 0 ? palloc0(size) : palloc(size);
}

char *
pnstrdup(const char *string, Size size)
{
	Size		length = strnlen(string, size);
	char	   *copy = palloc(length + 1);

	memcpy(copy, string, length);
	copy[length] = '\0';
	return copy;
}

void *
pg_malloc(size_t size)
{
	return palloc(size);
}

void *
pg_malloc0(size_t size)
{
	return palloc0(size);
}

void *
pg_malloc_extended(size_t size, int flags)
{
	return palloc_extended(size, flags);
}

void *
pg_realloc(void *pointer, size_t size)
{
	return pointer == NULL ? palloc(size) : repalloc(pointer, size);
}

char *
pg_strdup(const char *string)
{
	return pstrdup(string);
}

void
pg_free(void *pointer)
{
	if (pointer != NULL)
		pfree(pointer);
}

static void
free_all(void)
{
	while (chunks.next != &chunks)
		pfree(chunks.next + 1);
}

/*
 * Cut off a line.
 */
static char *
cut(char **at, char end)
{
	char	   *start = *at;
	char	   *found = start == NULL ? NULL : strchr(start, end);

	if (found != NULL)
		*found = '\0';
	*at = found == NULL ? NULL : found + 1;
	return start;
}

static void
read_context(char *at, Context *context)
{
	while (at != NULL && context->count < KEYS_MAX)
	{
		char	   *line = cut(&at, '\n');
		Key		   *key = &context->keys[context->count++];

		key->name = cut(&line, '=');
		while (line != NULL && key->count < VALUES_MAX)
			key->values[key->count++] = cut(&line, '=');
	}
}

static bool
find_key(const IamRequest *request, const char *name, IamValues *values)
{
	Context    *context = request->arg;

	for (int i = 0; i < context->count; i++)
	{
		Key		   *key = &context->keys[i];

		if (pg_strcasecmp(key->name, name) != 0)
			continue;
		values->count = key->count;
		values->values = key->values;
		return true;
	}
	return false;
}

static bool
stands_for(const IamRequest *request, const char *account, const char *name)
{
	return strcmp(name, "group") == 0;
}

/*
 * A text that goes to a client is printable, and there is one.
 */
static void
check_problem(const IamProblem *problem)
{
	if (problem->text == NULL || problem->text[0] == '\0')
		abort();
	for (const char *c = problem->text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			abort();
}

static IamDecision
evaluate(const IamPolicy *policy, const IamRequest *request)
{
	int			statement = -2;
	IamDecision decision = iampolicy_evaluate(policy, request, &statement);

	if (decision == IAM_NOT_DECIDED ? statement != -1 :
		statement < 0 || statement >= policy->count)
		abort();
	return decision;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *copy = pnstrdup((const char *) data, size);
	char	   *at = strstr(copy, "\n--\n");
	Context		context = {0};
	IamRequest	request = {
		.principal = {IAM_ROLE, "111122223333", "app"},
		.action = "SendMessage",
		.resource = "arn:aws:sqs:us-east-1:111122223333:orders",
		.stands_for = stands_for,
		.key = find_key,
		.arg = &context
	};

	if (at != NULL)
	{
		char	   *line;

		*at = '\0';
		at += strlen("\n--\n");
		line = cut(&at, '\n');
		if (line != NULL && *line != '\0')
			request.principal.name = line;
		line = cut(&at, '\n');
		if (line != NULL && *line != '\0')
			request.action = line;
		line = cut(&at, '\n');
		if (line != NULL && *line != '\0')
			request.resource = line;
		read_context(at, &context);
	}

	/* the server takes no text that is not of its encoding */
	if (pg_encoding_verifymbstr(PG_UTF8, copy, strlen(copy)) != strlen(copy))
	{
		free_all();
		return 0;
	}
	for (IamPolicyKind kind = IAM_QUEUE_POLICY; kind <= IAM_IDENTITY_POLICY; kind++)
	{
		IamProblem	problem = {false, NULL};
		IamPolicy  *policy = iampolicy_parse(copy, strlen(copy), PG_UTF8, kind, &problem);

		if (policy == NULL)
		{
			check_problem(&problem);
			continue;
		}
		if (policy->count < 1)
			abort();

		/* the same question has the same answer, and others have one */
		if (evaluate(policy, &request) != evaluate(policy, &request))
			abort();
		for (IamPrincipalKind who = IAM_ROLE; who <= IAM_ANONYMOUS; who++)
		{
			IamRequest	other = request;

			other.principal.kind = who;
			(void) evaluate(policy, &other);
		}
	}
	free_all();
	return 0;
}
