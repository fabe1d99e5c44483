/*-------------------------------------------------------------------------
 *
 * characters.h
 *		Text as SQS sees it: in UTF-8, with some characters excluded.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_CHARACTERS_H
#define QUEUE_CHARACTERS_H

/*
 * The least number of bytes of UTF-8 that a string of the database's encoding
 * can have; exact in a UTF8 database.
 */
extern int64 characters_least_size(Size length);

/*
 * The UTF-8 form of a string: the string itself where that is UTF-8 already,
 * else palloc'd.  NULL if there is none, which only an SQL_ASCII database can
 * bring about.
 */
extern char *characters_to_utf8(const char *string, Size length, Size *utf8_length);

/* Whether a string of valid UTF-8 has only characters that SQS allows */
extern bool characters_allowed(const char *utf8, Size length);

/*
 * A palloc'd copy of a string for an error message: clipped, and without
 * control characters.
 */
extern char *characters_quotable(const char *string, Size length);

/* Whether a string of a length is a C string */
extern bool characters_are(const char *string, int length, const char *other);

#endif							/* QUEUE_CHARACTERS_H */
