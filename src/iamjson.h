/*-------------------------------------------------------------------------
 *
 * iamjson.h
 *		A policy's JSON as a tree.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_IAMJSON_H
#define QUEUE_IAMJSON_H

typedef enum IamNodeKind
{
	IAM_NODE_STRING,
	IAM_NODE_NUMBER,
	IAM_NODE_BOOLEAN,
	IAM_NODE_NULL,
	IAM_NODE_ARRAY,
	IAM_NODE_OBJECT
} IamNodeKind;

typedef struct IamNode
{
	IamNodeKind kind;
	char	   *name;			/* of a member of an object, else NULL */
	char	   *text;			/* a string's value, or what was written */
	int			count;			/* of elements or members, in a list */
	struct IamNode *first;
	struct IamNode *last;
	struct IamNode *next;
} IamNode;

/*
 * Read JSON of an encoding, palloc'd.  If it is none, or no policy can look
 * like it, NULL, and *problem says why.
 */
extern IamNode *iamjson_parse(const char *json, size_t length, int encoding,
							  const char **problem);

#endif							/* QUEUE_IAMJSON_H */
