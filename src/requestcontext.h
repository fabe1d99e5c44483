/*-------------------------------------------------------------------------
 *
 * requestcontext.h
 *		Where a request comes from, and how: what policies can ask about.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_REQUESTCONTEXT_H
#define QUEUE_REQUESTCONTEXT_H

/*
 * Say for whom the session acts: the client of a program, by address (NULL: not
 * known), transport, and what it calls itself (NULL: nothing).  That holds until
 * it is cleared, or the transaction ends.
 */
extern void request_context_set(const char *source_ip, bool secure, const char *user_agent);
extern void request_context_clear(void);

/* The same of the access key that the client has; NULL: none any more */
extern void request_context_set_access_key(const char *access_key_id);

/* It, or NULL */
extern const char *request_context_access_key(void);

/* The client's address, palloc'd, or NULL; and its name for itself, or NULL */
extern const char *request_context_source_ip(void);
extern const char *request_context_user_agent(void);

/* Whether nobody can read what passes between it and us */
extern bool request_context_secure(void);

#endif							/* QUEUE_REQUESTCONTEXT_H */
