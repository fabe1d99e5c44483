/*-------------------------------------------------------------------------
 *
 * keys.c
 *		Signing keys, as the database derives them from access keys.
 *
 * A signing key is made of the secret, a day and a region, and of no use for
 * another day.  The database derives it, so that the secrets stay there; here
 * it is kept until it is old.  Whether an access key is still active is for the
 * database to say with each call, so nothing here need be fresh.
 *
 *-------------------------------------------------------------------------
 */
#include <openssl/crypto.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "keys.h"
#include "log.h"
#include "pgpool.h"

/* For how long to keep what is known, in microseconds */
#define KEEP_FOUND (3600 * MICROSECONDS_PER_SECOND)
#define KEEP_UNKNOWN (3 * MICROSECONDS_PER_SECOND)

/* Entries that may be kept at a time, and keys asked for in one statement */
#define ENTRIES_MAX 10000
#define LOOKUPS_MAX 256

/* How often to tell the database which access keys were used */
#define NOTE_INTERVAL (60 * MICROSECONDS_PER_SECOND)

typedef struct Entry
{
	char		access_key_id[SIGV4_ACCESS_KEY_ID_MAX + 1];
	char		date[9];
	char		region[SIGV4_REGION_MAX + 1];
	KeyStatus	status;
	unsigned char key[SIGV4_KEY_LENGTH];
	int64_t		until;
	bool		used;			/* since the database was told last */
	KeyWaiter  *waiters;		/* while pending */
	struct Entry *next;			/* in the list of all */
	struct Entry *next_lookup;	/* in the list of those to be asked for */
} Entry;

/* A statement that asks for some of them */
typedef struct Lookup
{
	Statement	statement;
	int			count;
	Entry	   *entries[LOOKUPS_MAX];
	char	   *arrays[3];
} Lookup;

/* A statement that tells which were used */
typedef struct NoteUsed
{
	Statement	statement;
	char	   *array;
} NoteUsed;

static void keys_dispatch(void);

static void *tree = NULL;		/* of tsearch() */
static Entry *all = NULL;
static int	entry_count = 0;
static Entry *first_lookup = NULL;
static Entry **last_lookup = &first_lookup;
static LoopTimer note_timer;
static bool note_due = false;

static int
compare_entries(const void *a, const void *b)
{
	const Entry *one = a;
	const Entry *other = b;
	int			order = strcmp(one->access_key_id, other->access_key_id);

	if (order == 0)
		order = strcmp(one->date, other->date);
	if (order == 0)
		order = strcmp(one->region, other->region);
	return order;
}

static void
note_time(void *arg)
{
	note_due = true;
	loop_timer_set(&note_timer, loop_now() + NOTE_INTERVAL, note_time, NULL);
	pgpool_schedule();
}

void
keys_init(void)
{
	pgpool_add_user(keys_dispatch);
	loop_timer_set(&note_timer, loop_now() + NOTE_INTERVAL, note_time, NULL);
}

/*
 * Forget entries for which a function says so.
 */
static void
forget(bool (*which) (const Entry *entry, const void *arg), const void *arg)
{
	Entry	  **link = &all;

	while (*link != NULL)
	{
		Entry	   *entry = *link;

		if (entry->status == KEY_PENDING || !which(entry, arg))
		{
			link = &entry->next;
			continue;
		}
		*link = entry->next;
		tdelete(entry, &tree, compare_entries);
		OPENSSL_cleanse(entry, sizeof(*entry));
		free(entry);
		entry_count--;
	}
}

static bool
is_old(const Entry *entry, const void *arg)
{
	return entry->until <= loop_now();
}

static bool
is_any(const Entry *entry, const void *arg)
{
	return true;
}

static bool
has_id(const Entry *entry, const void *arg)
{
	return strcmp(entry->access_key_id, arg) == 0;
}

void
keys_forget(const char *access_key_id)
{
	forget(has_id, access_key_id);
}

KeyStatus
keys_find(const Signature *signature, unsigned char *key, KeyWaiter *waiter)
{
	Entry		wanted;
	Entry	  **found;
	Entry	   *entry;

	if (entry_count >= ENTRIES_MAX)
		forget(is_old, NULL);
	if (entry_count >= ENTRIES_MAX)
		forget(is_any, NULL);

	memset(&wanted, 0, sizeof(wanted));
	memcpy(wanted.access_key_id, signature->access_key_id, sizeof(wanted.access_key_id));
	memcpy(wanted.date, signature->date, sizeof(wanted.date));
	memcpy(wanted.region, signature->region, sizeof(wanted.region));
	found = tsearch(&wanted, &tree, compare_entries);
	if (found == NULL)
		abort();
	if (*found == &wanted)
	{
		entry = must_malloc(sizeof(*entry));
		*entry = wanted;
		*found = entry;
		entry->next = all;
		all = entry;
		entry_count++;
	}
	entry = *found;

	if (entry->status == KEY_FOUND && loop_now() < entry->until)
	{
		entry->used = true;
		memcpy(key, entry->key, SIGV4_KEY_LENGTH);
		return KEY_FOUND;
	}
	if (entry->status == KEY_UNKNOWN && loop_now() < entry->until)
		return KEY_UNKNOWN;
	if (pgpool_ready() == 0)
		return KEY_UNAVAILABLE;
	if (entry->status != KEY_PENDING)
	{
		entry->status = KEY_PENDING;
		entry->next_lookup = NULL;
		*last_lookup = entry;
		last_lookup = &entry->next_lookup;
		pgpool_schedule();
	}
	waiter->next = entry->waiters;
	entry->waiters = waiter;
	return KEY_PENDING;
}

/*
 * Tell those who wait for an entry.
 */
static void
entry_decided(Entry *entry, KeyStatus status, KeyStatus kept, int64_t keep)
{
	KeyWaiter  *waiter = entry->waiters;

	entry->waiters = NULL;
	entry->status = kept;
	entry->until = loop_now() + keep;
	while (waiter != NULL)
	{
		KeyWaiter  *next = waiter->next;

		waiter->done(waiter, status);
		waiter = next;
	}
}

/*
 * Read a key in hex.
 */
static bool
read_key(const char *hex, unsigned char *key)
{
	size_t		length = 0;

	return OPENSSL_hexstr2buf_ex(key, SIGV4_KEY_LENGTH, &length, hex, '\0') == 1 &&
		length == SIGV4_KEY_LENGTH;
}

static void
lookup_done(Statement *statement, Outcome outcome, const PGresult *result)
{
	Lookup	   *lookup = statement->arg;
	bool		answered = outcome == OUTCOME_DONE && PQntuples(result) == lookup->count;

	if (outcome == OUTCOME_FAILED)
		log_event(LOG_LEVEL_ERROR, "signing_keys_failed",
				  "sqlstate", "s", PQresultErrorField(result, PG_DIAG_SQLSTATE),
				  "reason", "s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), NULL);
	for (int i = 0; i < lookup->count; i++)
	{
		Entry	   *entry = lookup->entries[i];

		if (!answered)
			entry_decided(entry, KEY_UNAVAILABLE, KEY_UNKNOWN, 0);
		else if (!PQgetisnull(result, i, 0) && read_key(PQgetvalue(result, i, 0), entry->key))
			entry_decided(entry, KEY_FOUND, KEY_FOUND, KEEP_FOUND);
		else
			entry_decided(entry, KEY_UNKNOWN, KEY_UNKNOWN, KEEP_UNKNOWN);
	}
	for (int i = 0; i < 3; i++)
		free(lookup->arrays[i]);
	free(lookup);
	pgpool_schedule();
}

/*
 * Ask for the keys that are wanted.
 */
static void
send_lookup(void)
{
	Lookup	   *lookup = must_calloc(1, sizeof(*lookup));
	const char *strings[3][LOOKUPS_MAX];

	while (first_lookup != NULL && lookup->count < LOOKUPS_MAX)
	{
		Entry	   *entry = first_lookup;

		first_lookup = entry->next_lookup;
		if (first_lookup == NULL)
			last_lookup = &first_lookup;
		strings[0][lookup->count] = entry->access_key_id;
		strings[1][lookup->count] = entry->date;
		strings[2][lookup->count] = entry->region;
		lookup->entries[lookup->count++] = entry;
	}
	lookup->statement.name = STATEMENT_SIGNING_KEYS;
	for (int i = 0; i < 3; i++)
		statement_text_array(&lookup->statement, i, &lookup->arrays[i], lookup->count, strings[i]);
	lookup->statement.param_count = 3;
	lookup->statement.done = lookup_done;
	lookup->statement.arg = lookup;
	pgpool_execute(&lookup->statement);
}

static void
note_done(Statement *statement, Outcome outcome, const PGresult *result)
{
	NoteUsed   *note = statement->arg;

	if (outcome == OUTCOME_FAILED)
		log_event(LOG_LEVEL_WARNING, "note_keys_failed",
				  "reason", "s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), NULL);
	free(note->array);
	free(note);
}

/*
 * Tell the database which access keys were used, some at a time.
 */
static void
send_note(void)
{
	NoteUsed   *note;
	const char *ids[LOOKUPS_MAX];
	int			count = 0;
	Entry	   *entry;

	for (entry = all; entry != NULL && count < LOOKUPS_MAX; entry = entry->next)
	{
		if (!entry->used)
			continue;
		entry->used = false;
		ids[count++] = entry->access_key_id;
	}
	note_due = entry != NULL;
	if (count == 0)
		return;
	note = must_calloc(1, sizeof(*note));
	note->statement.name = STATEMENT_NOTE_KEYS;
	statement_text_array(&note->statement, 0, &note->array, count, ids);
	note->statement.param_count = 1;
	note->statement.done = note_done;
	note->statement.arg = note;
	pgpool_execute(&note->statement);
}

static void
keys_dispatch(void)
{
	if (pgpool_ready() == 0)
	{
		while (first_lookup != NULL)
		{
			Entry	   *entry = first_lookup;

			first_lookup = entry->next_lookup;
			if (first_lookup == NULL)
				last_lookup = &first_lookup;
			entry_decided(entry, KEY_UNAVAILABLE, KEY_UNKNOWN, 0);
		}
		return;
	}
	while (first_lookup != NULL && pgpool_idle() > 0)
		send_lookup();
	while (note_due && pgpool_idle() > 0)
		send_note();
}
