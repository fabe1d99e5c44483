/*-------------------------------------------------------------------------
 *
 * pgconn.h
 *		One connection to the database, asynchronous, in pipeline mode.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_PGCONN_H
#define CLIENT_PGCONN_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#define STATEMENT_PARAMS_MAX 5

/* How a statement ended */
typedef enum Outcome
{
	OUTCOME_DONE,				/* and its transaction has committed */
	OUTCOME_FAILED,				/* it raised an error; rolled back */
	OUTCOME_ABORTED,			/* another of its transaction did; rolled back */
	OUTCOME_LOST				/* the connection was lost: nobody knows */
} Outcome;

/*
 * A statement to be executed.  Those that follow each other by next, up to the
 * end, are one transaction.  done() is called for each of them after its end;
 * result is NULL where the connection was lost, and is the pool's.
 */
typedef struct Statement
{
	const char *name;			/* of the prepared statement, or ... */
	const char *sql;			/* ... the text; with both it is prepared */
	int			param_count;
	const char *values[STATEMENT_PARAMS_MAX];
	int			lengths[STATEMENT_PARAMS_MAX];
	int			formats[STATEMENT_PARAMS_MAX];	/* 0: text, 1: binary */
	int			result_format;	/* likewise */
	int			time_limit;		/* seconds; 0: as the connection says */
	void		(*done) (struct Statement *statement, Outcome outcome,
						 const PGresult *result);
	void	   *arg;
	struct Statement *next;
	PGresult   *result;			/* until the end of the transaction */
} Statement;

/* A statement to be prepared in each session */
typedef struct Prepared
{
	const char *name;
	const char *sql;
} Prepared;

typedef struct PgConn PgConn;

/*
 * Connect, and connect again whenever the connection is lost.  changed() is
 * called when it becomes ready, has executed a transaction, or is lost.
 */
extern PgConn *pgconn_open(const char *purpose, const char *dsn, int time_limit,
						   const Prepared *prepared, int count,
						   void (*changed) (void *arg), void *arg);

/* Have a function called with what each notification says */
extern void pgconn_listen(PgConn *connection,
						  void (*notified) (const char *payload, void *arg));

/* Lose what is in flight, and end */
extern void pgconn_close(PgConn *connection);

extern bool pgconn_ready(const PgConn *connection);

/* The process id of the session; the connection is ready */
extern int	pgconn_backend_pid(const PgConn *connection);

/* Transactions in flight */
extern int	pgconn_pending(const PgConn *connection);

/* Execute a transaction; the connection is ready */
extern void pgconn_execute(PgConn *connection, Statement *first);

/*
 * Put the array of so many strings into a parameter, in binary form.  memory is
 * the caller's to free, after the statement has ended.
 */
extern void statement_text_array(Statement *statement, int param, char **memory,
								 int count, const char *const *strings);

/*
 * Go through an array of strings in binary form: put() is called for each, NULL
 * ones left out.  False if it is none.
 */
extern bool result_text_array(const PGresult *result, int row, int column,
							  void (*put) (const char *string, size_t length, void *arg),
							  void *arg);

#endif							/* CLIENT_PGCONN_H */
