/*-------------------------------------------------------------------------
 *
 * utf8.h
 *		Whether bytes are UTF-8, as PostgreSQL takes it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_UTF8_H
#define CLIENT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The length of the character that bytes begin with, 1 to 4; 0 if they begin
 * with none.
 */
extern size_t utf8_length(const char *bytes, size_t length);

extern bool utf8_valid(const char *bytes, size_t length);

/* Put a question mark for each byte that is no part of a character */
extern void utf8_clean(char *string);

#endif							/* CLIENT_UTF8_H */
