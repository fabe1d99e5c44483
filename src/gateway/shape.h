/*-------------------------------------------------------------------------
 *
 * shape.h
 *		What requests and answers are made of.
 *
 * JSON carries its own structure.  A form has but names and values, and XML
 * wants its elements in an order, so both are read and written by these
 * tables.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_SHAPE_H
#define GATEWAY_SHAPE_H

typedef enum ShapeKind
{
	SHAPE_STRING,
	SHAPE_INTEGER,
	SHAPE_BOOLEAN,				/* in answers only */
	SHAPE_LIST,
	SHAPE_MAP,					/* from strings */
	SHAPE_STRUCTURE
} ShapeKind;

struct ShapeMember;

typedef struct Shape
{
	ShapeKind	kind;
	const struct Shape *element;	/* of a list; value of a map */
	const char *key;			/* of a map: what the Query protocol calls its
								 * keys */
	const char *value;			/* and its values */
	const struct ShapeMember *members;	/* of a structure */
	int			member_count;
} Shape;

typedef struct ShapeMember
{
	const char *name;			/* in JSON */
	const char *query;			/* in the Query protocol, where lists and maps
								 * have the name of one of their elements */
	const Shape *shape;
} ShapeMember;

/* Both are structures; an answer without members has no result at all */
typedef struct ActionShape
{
	const Shape *request;
	const Shape *answer;
} ActionShape;

#endif							/* GATEWAY_SHAPE_H */
