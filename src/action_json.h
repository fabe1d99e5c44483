/*-------------------------------------------------------------------------
 *
 * action_json.h
 *		Requests and answers of the AWS JSON protocol: reading and writing.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACTION_JSON_H
#define QUEUE_ACTION_JSON_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/jsonb.h"

/* Limits of the protocol, where SQL calls may go beyond */
#define WIRE_BATCH_MAX 10		/* entries of a batch */
#define WIRE_MESSAGES_MAX 10	/* MaxNumberOfMessages */
#define WIRE_RESULTS_MAX 1000	/* MaxResults of a list of queues */

typedef enum ActionMemberKind
{
	MEMBER_STRING,
	MEMBER_INTEGER,
	MEMBER_STRINGS,				/* a list of strings */
	MEMBER_STRING_MAP,			/* from strings to strings */
	MEMBER_ATTRIBUTE_MAP,		/* from strings to message attributes */
	MEMBER_STRUCTURES			/* a list of objects */
} ActionMemberKind;

/* A member that a request, or an object in it, may have */
typedef struct ActionMember
{
	const char *name;
	ActionMemberKind kind;
	bool		required;
} ActionMember;

/* What a request has for it; which field is set depends on the kind */
typedef struct ActionValue
{
	bool		given;			/* else all others are NULL or 0 */
	text	   *string;
	int32		integer;
	ArrayType  *strings;
	Jsonb	   *map;
	List	   *structures;		/* of JsonbContainer */
} ActionValue;

/*
 * Read an object: fill in one value for each of the members that it may have.
 * A member that is null counts as not given.  Raises SerializationException
 * for a member that is unknown or not of its kind, and MissingParameter.
 */
extern void action_read(JsonbContainer *object, const ActionMember *members,
						int count, ActionValue *values);

/* The same for a table that is an array */
#define ACTION_READ(object, members, values) \
	action_read(object, members, lengthof(members), values)

/*
 * An answer is written as text, from its begin to its end: objects and arrays
 * between brackets, and in them members or elements.  Commas come by themselves.
 */
extern void action_begin(StringInfo answer, char bracket);
extern void action_end(StringInfo answer, char bracket);

/* Write the key of a member, whose value is to follow */
extern void action_put_key(StringInfo answer, const char *key);

/* Write an element of an array */
extern void action_put_element(StringInfo answer, const char *string);

/* Write a member of an object */
extern void action_put_string(StringInfo answer, const char *key, const char *string);
extern void action_put_text(StringInfo answer, const char *key, const text *string);
extern void action_put_integer(StringInfo answer, const char *key, int64 number);
extern void action_put_boolean(StringInfo answer, const char *key, bool boolean);

/* The same for a map, which is left out if it is empty */
extern void action_put_map(StringInfo answer, const char *key, Jsonb *map);

#endif							/* QUEUE_ACTION_JSON_H */
