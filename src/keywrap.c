/*-------------------------------------------------------------------------
 *
 * keywrap.c
 *		Encrypting data keys with a key of SSE-KMS.
 *
 * The provider "file" reads keys from a file, as master keys are read, and
 * encrypts with the first of them; the result is tied to the data key's id.
 *
 * The provider "command" leaves it to two commands, behind which can be another
 * program or a service that never gives its key away.  One gets the data key in
 * base64 on its standard input and writes whatever it makes of it; the other one
 * gets that, and writes the data key in base64.  A last newline does not count.
 * Their exit status tells what is wrong, by the numbers of sysexits.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sysexits.h>

#include "common/base64.h"

#include "compat.h"
#include "keyring.h"
#include "keywrap.h"
#include "program.h"
#include "report.h"

#define WHAT "encryption key"
#define PURPOSE "data key"
#define FILE_UNREADABLE "the file cannot be read"

/* A data key in base64, and what comes before another line */
#define ENCODED_LENGTH (4 * ((SECRET_LENGTH + 2) / 3))

/* What a command may write */
#define WRAPPED_MAX 8192

/*
 * Which error a command's exit status stands for.
 */
static SqsError
status_error(int status)
{
	switch (status)
	{
		case EX_NOINPUT:
			return SQS_KMS_NOT_FOUND;
		case EX_NOPERM:
			return SQS_KMS_ACCESS_DENIED;
		case EX_TEMPFAIL:
		case PROGRAM_TIMED_OUT:
		case PROGRAM_NOT_STARTED:
			return SQS_KMS_THROTTLED;
		case EX_USAGE:
			return SQS_KMS_INVALID_KEY_USAGE;
		case EX_UNAVAILABLE:
			return SQS_KMS_OPT_IN_REQUIRED;
		default:
			return SQS_KMS_INVALID_STATE;
	}
}

void
keywrap_report(const KmsKey *key, const KeywrapFailure *failure)
{
	ereport(ERROR,
			(sqs_errcode(failure->error),
			 errmsg("the provider of encryption key \"%s\" failed: %s",
					key->alias, failure->what),
			 sqs_errdetail(failure->error, "%s", kmskey_error_detail(failure->error)),
			 errhint("What it says about it is in the server log.")));
}

/*
 * Note a failure; false, for the caller to return.
 */
static bool
fail(KeywrapFailure *failure, SqsError error, const char *what)
{
	failure->error = error;
	strlcpy(failure->what, what, sizeof(failure->what));
	return false;
}

static bool
fail_status(KeywrapFailure *failure, int status)
{
	fail(failure, status_error(status), "");
	if (status == PROGRAM_TIMED_OUT)
		snprintf(failure->what, sizeof(failure->what),
				 "the command took longer than %d seconds", PROGRAM_TIME_MAX);
	else if (status == PROGRAM_NOT_STARTED)
		strlcpy(failure->what, "the command could not be started", sizeof(failure->what));
	else
		snprintf(failure->what, sizeof(failure->what),
				 "the command ended with exit status %d", status);
	return false;
}

/*
 * Run a command of a key's provider; *length is how much it wrote, without a last
 * newline.  What it wrote is wiped if it is of no use.
 */
static bool
run(const char *command, const void *input, Size input_length,
	char *output, Size size, Size *length, KeywrapFailure *failure)
{
	int			status = program_run(command, input, input_length, output, size, length);

	if (status == 0 && *length < size)
	{
		if (*length > 0 && output[*length - 1] == '\n')
			(*length)--;
		return true;
	}
	secret_wipe(output, size);
	return status != 0 ? fail_status(failure, status) :
		fail(failure, SQS_KMS_INVALID_KEY_USAGE, "the command wrote too much");
}

/*
 * Encrypt a data key with the first key of a file.
 */
static bytea *
wrap_by_file(const KmsKey *key, const pg_uuid_t *data_key_id, const unsigned char *data_key,
			 KeywrapFailure *failure)
{
	bytea	   *volatile wrapped = NULL;
	Keyring		ring;

	if (!keyring_read_file(WHAT, key->path, LOG, &ring))
	{
		fail(failure, SQS_KMS_INVALID_STATE, FILE_UNREADABLE);
		return NULL;
	}
	PG_TRY();
	{
		wrapped = keyring_seal(&ring, PURPOSE, data_key_id->data, UUID_LEN,
							   data_key, SECRET_LENGTH);
	}
	PG_FINALLY();
	{
		keyring_forget(&ring);
	}
	PG_END_TRY();
	return wrapped;
}

/*
 * Encrypt a data key.
 */
bytea *
keywrap_wrap(const KmsKey *key, const pg_uuid_t *data_key_id, const unsigned char *data_key,
			 KeywrapFailure *failure)
{
	char		encoded[ENCODED_LENGTH + 1];
	char		output[WRAPPED_MAX];
	bytea	   *wrapped;
	Size		length;
	bool		good;

	if (key->path != NULL)
		return wrap_by_file(key, data_key_id, data_key, failure);
	if (compat_b64_encode((const char *) data_key, SECRET_LENGTH, encoded,
						  ENCODED_LENGTH) != ENCODED_LENGTH)
		elog(ERROR, "unexpected length of a data key");
	encoded[ENCODED_LENGTH] = '\n';
	good = run(key->wrap, encoded, sizeof(encoded), output, sizeof(output), &length, failure);
	secret_wipe(encoded, sizeof(encoded));
	if (good && length == 0)
		good = fail(failure, SQS_KMS_INVALID_KEY_USAGE, "the command wrote nothing");
	if (!good)
		return NULL;
	wrapped = palloc(VARHDRSZ + length);
	SET_VARSIZE(wrapped, VARHDRSZ + length);
	memcpy(VARDATA(wrapped), output, length);
	return wrapped;
}

/*
 * Decrypt a data key with the key of a file that it takes.
 */
static bool
unwrap_by_file(const KmsKey *key, const pg_uuid_t *data_key_id, const bytea *wrapped,
			   unsigned char *data_key, KeywrapFailure *failure)
{
	Keyring		ring;
	char	   *data = NULL;
	Size		length = 0;
	volatile bool good = false;

	if (!keyring_read_file(WHAT, key->path, LOG, &ring))
		return fail(failure, SQS_KMS_INVALID_STATE, FILE_UNREADABLE);
	PG_TRY();
	{
		good = keyring_unseal(&ring, PURPOSE, data_key_id->data, UUID_LEN, wrapped,
							  &data, &length) && length == SECRET_LENGTH;
	}
	PG_FINALLY();
	{
		keyring_forget(&ring);
	}
	PG_END_TRY();
	if (!good)
		return fail(failure, SQS_KMS_INVALID_STATE,
					"the file does not hold the key that the data key was encrypted with");
	memcpy(data_key, data, SECRET_LENGTH);
	secret_wipe(data, length);
	return true;
}

/*
 * Decrypt a data key.
 */
bool
keywrap_unwrap(const KmsKey *key, const pg_uuid_t *data_key_id, const bytea *wrapped,
			   unsigned char *data_key, KeywrapFailure *failure)
{
	char		output[ENCODED_LENGTH + 3];
	char		decoded[SECRET_LENGTH + 3];
	Size		length = 0;
	bool		good;

	if (key->path != NULL)
		return unwrap_by_file(key, data_key_id, wrapped, data_key, failure);
	if (!run(key->unwrap, VARDATA_ANY(wrapped), VARSIZE_ANY_EXHDR(wrapped),
			 output, sizeof(output), &length, failure))
		return false;
	good = length == ENCODED_LENGTH &&
		compat_b64_decode(output, ENCODED_LENGTH, decoded, sizeof(decoded)) == SECRET_LENGTH;
	secret_wipe(output, sizeof(output));
	if (good)
		memcpy(data_key, decoded, SECRET_LENGTH);
	secret_wipe(decoded, sizeof(decoded));
	return good || fail(failure, SQS_KMS_INVALID_KEY_USAGE,
						"what the command wrote is not a data key");
}
