/*-------------------------------------------------------------------------
 *
 * iamjson.c
 *		A policy's JSON as a tree.
 *
 * PostgreSQL's parser calls actions, and here they build a tree, which is what
 * a document is checked with.  A member that comes twice is refused: another
 * reader might take the other one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FRONTEND
#include "postgres.h"
#else
#include "postgres_fe.h"
#endif

#include "common/jsonapi.h"

#include "compat.h"
#include "iamjson.h"

/* A policy has six levels: itself, statements, one, conditions, keys, values */
#define DEPTH_MAX 8

typedef struct TreeState
{
	IamNode    *root;
	IamNode    *path[DEPTH_MAX];	/* the objects and arrays around us */
	int			depth;			/* how many they are, also beyond the limit */
	char	   *name;			/* of the member whose value comes next */
	bool		too_deep;
	bool		repeated;		/* a member came twice */
} TreeState;

/*
 * Add a node to the innermost object or array.
 */
static IamNode *
tree_add(TreeState *state, IamNodeKind kind, char *text)
{
	IamNode    *node = palloc0(sizeof(IamNode));
	IamNode    *parent;

	node->kind = kind;
	node->text = text;

	if (state->depth == 0)
	{
		state->root = node;
		return node;
	}
	parent = state->path[state->depth - 1];
	if (parent->kind == IAM_NODE_OBJECT)
	{
		node->name = state->name;
		for (const IamNode *other = parent->first; other != NULL; other = other->next)
			if (strcmp(other->name, node->name) == 0)
				state->repeated = true;
	}
	if (parent->first == NULL)
		parent->first = node;
	else
		parent->last->next = node;
	parent->last = node;
	parent->count++;
	return node;
}

static void
tree_down(TreeState *state, IamNodeKind kind)
{
	if (state->depth < DEPTH_MAX)
		state->path[state->depth] = tree_add(state, kind, NULL);
	else
		state->too_deep = true;
	state->depth++;
}

static CompatJsonResult
object_start(void *arg)
{
	tree_down(arg, IAM_NODE_OBJECT);
	return COMPAT_JSON_SUCCESS;
}

static CompatJsonResult
array_start(void *arg)
{
	tree_down(arg, IAM_NODE_ARRAY);
	return COMPAT_JSON_SUCCESS;
}

static CompatJsonResult
container_end(void *arg)
{
	TreeState  *state = arg;

	state->depth--;
	return COMPAT_JSON_SUCCESS;
}

static CompatJsonResult
field_start(void *arg, char *name, bool isnull)
{
	TreeState  *state = arg;

	state->name = name;
	return COMPAT_JSON_SUCCESS;
}

static CompatJsonResult
scalar(void *arg, char *token, JsonTokenType type)
{
	TreeState  *state = arg;

	if (state->depth > DEPTH_MAX)
		return COMPAT_JSON_SUCCESS;
	(void) tree_add(state,
					type == JSON_TOKEN_STRING ? IAM_NODE_STRING :
					type == JSON_TOKEN_NUMBER ? IAM_NODE_NUMBER :
					type == JSON_TOKEN_NULL ? IAM_NODE_NULL : IAM_NODE_BOOLEAN,
					token);
	return COMPAT_JSON_SUCCESS;
}

/*
 * Read JSON.
 */
IamNode *
iamjson_parse(const char *json, size_t length, int encoding, const char **problem)
{
	TreeState	state = {0};
	JsonSemAction actions = {0};
	JsonLexContext *lexer = compat_json_lexer_for(json, length, encoding);

	actions.semstate = &state;
	actions.object_start = object_start;
	actions.object_end = container_end;
	actions.array_start = array_start;
	actions.array_end = container_end;
	actions.object_field_start = field_start;
	actions.scalar = scalar;
	*problem = NULL;
	if (pg_parse_json(lexer, &actions) != JSON_SUCCESS)
		*problem = "It is not valid JSON.";
	else if (state.too_deep)
		*problem = "It is nested too deeply.";
	else if (state.repeated)
		*problem = "A member of an object comes twice.";
	return *problem == NULL ? state.root : NULL;
}
