/*-------------------------------------------------------------------------
 *
 * document.c
 *		JSON documents that are kept as text: policies of several kinds.
 *
 * A policy is given as text and given back as the same text, so it is not
 * made jsonb.  That is not only cheaper: the input functions of jsonb and
 * numeric raise PostgreSQL's errors for what is wrong in a document, where a
 * caller of SQS has to get SQS's.  PostgreSQL's JSON parser raises none.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/jsonapi.h"

#include "compat.h"
#include "document.h"

/* Where the parser is, and the fields that it shall find */
typedef struct DocumentState
{
	bool		is_object;		/* the outermost value is an object */
	int			depth;			/* of objects and arrays around us */
	DocumentField *field;		/* the one whose value is being read */
	DocumentField *fields;
	int			nfields;
} DocumentState;

static CompatJsonResult
object_start(void *arg)
{
	DocumentState *state = arg;

	if (state->depth == 0)
		state->is_object = true;
	else if (state->field != NULL)
		state->field->kind = DOCUMENT_OTHER;
	state->depth++;
	return COMPAT_JSON_SUCCESS;
}

static CompatJsonResult
container_end(void *arg)
{
	DocumentState *state = arg;

	state->depth--;
	return COMPAT_JSON_SUCCESS;
}

static CompatJsonResult
array_start(void *arg)
{
	DocumentState *state = arg;

	/* An array of strings, until something else turns up in it */
	if (state->field != NULL)
	{
		state->field->kind = state->depth == 1 ? DOCUMENT_STRINGS : DOCUMENT_OTHER;
		state->field->strings = NIL;
	}
	state->depth++;
	return COMPAT_JSON_SUCCESS;
}

/*
 * A key begins.  Of a key that comes twice the last one counts, as in jsonb.
 */
static CompatJsonResult
field_start(void *arg, char *name, bool isnull)
{
	DocumentState *state = arg;

	if (state->depth == 1)
	{
		state->field = NULL;
		for (int i = 0; i < state->nfields; i++)
		{
			if (strcmp(state->fields[i].name, name) == 0)
				state->field = &state->fields[i];
		}
	}
	return COMPAT_JSON_SUCCESS;
}

static CompatJsonResult
field_end(void *arg, char *name, bool isnull)
{
	DocumentState *state = arg;

	if (state->depth == 1)
		state->field = NULL;
	return COMPAT_JSON_SUCCESS;
}

static CompatJsonResult
scalar(void *arg, char *token, JsonTokenType type)
{
	DocumentState *state = arg;
	DocumentField *field = state->field;

	if (field == NULL)
		return COMPAT_JSON_SUCCESS;
	if (state->depth == 1)
	{
		field->kind = type == JSON_TOKEN_STRING ? DOCUMENT_STRING :
			type == JSON_TOKEN_NUMBER ? DOCUMENT_NUMBER : DOCUMENT_OTHER;
		field->value = token;
	}
	else if (state->depth == 2 && field->kind == DOCUMENT_STRINGS &&
			 type == JSON_TOKEN_STRING)
		field->strings = lappend(field->strings, token);
	else
		field->kind = DOCUMENT_OTHER;
	return COMPAT_JSON_SUCCESS;
}

/*
 * Read a document, or find that it is none.
 */
bool
document_read(const char *json, DocumentField *fields, int nfields)
{
	DocumentState state = {0};
	JsonSemAction actions = {0};
	JsonLexContext *lexer;

	for (int i = 0; i < nfields; i++)
	{
		fields[i].kind = DOCUMENT_ABSENT;
		fields[i].value = NULL;
		fields[i].strings = NIL;
	}
	state.fields = fields;
	state.nfields = nfields;

	actions.semstate = &state;
	actions.object_start = object_start;
	actions.object_end = container_end;
	actions.array_start = array_start;
	actions.array_end = container_end;
	actions.object_field_start = field_start;
	actions.object_field_end = field_end;
	actions.scalar = scalar;
	lexer = compat_json_lexer(json, strlen(json));
	return pg_parse_json(lexer, &actions) == JSON_SUCCESS && state.is_object;
}

/* Where the parser is in a document that is taken apart */
typedef struct SplitState
{
	JsonLexContext *lexer;
	int			depth;
	DocumentPart *part;			/* the one that is being read, or NULL */
	const char *start;			/* where its text begins */
	List	   *parts;
} SplitState;

static CompatJsonResult
split_down(void *arg)
{
	SplitState *state = arg;

	state->depth++;
	return COMPAT_JSON_SUCCESS;
}

static CompatJsonResult
split_up(void *arg)
{
	SplitState *state = arg;

	state->depth--;
	return COMPAT_JSON_SUCCESS;
}

static void
split_start(SplitState *state, char *name)
{
	if (state->depth != 1)
		return;
	state->part = palloc(sizeof(DocumentPart));
	state->part->name = name;
	state->start = state->lexer->token_start;
}

static void
split_end(SplitState *state)
{
	if (state->depth != 1)
		return;
	state->part->text = pnstrdup(state->start,
								 state->lexer->prev_token_terminator - state->start);
	state->parts = lappend(state->parts, state->part);
}

static CompatJsonResult
split_field_start(void *arg, char *name, bool isnull)
{
	split_start(arg, name);
	return COMPAT_JSON_SUCCESS;
}

static CompatJsonResult
split_field_end(void *arg, char *name, bool isnull)
{
	split_end(arg);
	return COMPAT_JSON_SUCCESS;
}

static CompatJsonResult
split_element_start(void *arg, bool isnull)
{
	split_start(arg, NULL);
	return COMPAT_JSON_SUCCESS;
}

static CompatJsonResult
split_element_end(void *arg, bool isnull)
{
	split_end(arg);
	return COMPAT_JSON_SUCCESS;
}

/*
 * Take a document apart.
 */
List *
document_split(const char *json)
{
	SplitState	state = {0};
	JsonSemAction actions = {0};

	actions.semstate = &state;
	actions.object_start = split_down;
	actions.object_end = split_up;
	actions.array_start = split_down;
	actions.array_end = split_up;
	actions.object_field_start = split_field_start;
	actions.object_field_end = split_field_end;
	actions.array_element_start = split_element_start;
	actions.array_element_end = split_element_end;
	state.lexer = compat_json_lexer(json, strlen(json));
	if (pg_parse_json(state.lexer, &actions) != JSON_SUCCESS)
		elog(ERROR, "could not read a stored JSON document");
	return state.parts;
}
