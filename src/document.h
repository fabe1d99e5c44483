/*-------------------------------------------------------------------------
 *
 * document.h
 *		JSON documents that are kept as text: policies of several kinds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_DOCUMENT_H
#define QUEUE_DOCUMENT_H

#include "nodes/pg_list.h"

typedef enum DocumentKind
{
	DOCUMENT_ABSENT,
	DOCUMENT_STRING,
	DOCUMENT_NUMBER,
	DOCUMENT_STRINGS,			/* an array of strings, perhaps empty */
	DOCUMENT_OTHER
} DocumentKind;

/* A field to look for, and what was found */
typedef struct DocumentField
{
	const char *name;			/* set by the caller */
	DocumentKind kind;
	char	   *value;			/* of a string or number */
	List	   *strings;		/* of an array of strings */
} DocumentField;

/*
 * Whether it is JSON, and an object.  If so, the fields of the outermost
 * object that the caller named are filled in, with palloc'd values.  Raises no
 * error, however wrong the document is.
 */
extern bool document_read(const char *json, DocumentField *fields, int nfields);

/* A member of an object or an element of an array, as it was written */
typedef struct DocumentPart
{
	char	   *name;			/* of a member, else NULL */
	char	   *text;
} DocumentPart;

/*
 * Take apart what is known to be JSON, an object or an array: a list of its
 * parts, in order, palloc'd.
 */
extern List *document_split(const char *json);

#endif							/* QUEUE_DOCUMENT_H */
