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
 * What is written is limited to what fits into a pipe.  Their exit status tells
 * what is wrong, by the numbers of sysexits.h.
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
			return SQS_KMS_THROTTLED;
		case EX_USAGE:
			return SQS_KMS_INVALID_KEY_USAGE;
		case EX_UNAVAILABLE:
			return SQS_KMS_OPT_IN_REQUIRED;
		default:
			return SQS_KMS_INVALID_STATE;
	}
}

/*
 * Report what a provider did not do, and to clients of SQS what that comes to.
 */
static void
report_failure(const KmsKey *key, SqsError error, const char *what)
{
	ereport(ERROR,
			(sqs_errcode(error),
			 errmsg("the provider of encryption key \"%s\" failed: %s", key->alias, what),
			 sqs_errdetail(error, "%s", kmskey_error_detail(error)),
			 errhint("What it says about it is in the server log.")));
}

/*
 * Run a command of a key's provider; how much it wrote, without a last newline.
 */
static Size
run(const KmsKey *key, const char *command, const void *input, Size input_length,
	char *output, Size size)
{
	Size		length = 0;
	int			status = program_run(command, input, input_length, output, size, &length);

	if (status != 0)
	{
		secret_wipe(output, size);
		report_failure(key, status_error(status),
					   psprintf("the command ended with exit status %d", status));
	}
	if (length == size)
	{
		secret_wipe(output, size);
		report_failure(key, SQS_KMS_INVALID_KEY_USAGE, "the command wrote too much");
	}
	if (length > 0 && output[length - 1] == '\n')
		length--;
	return length;
}

/*
 * The keys of a file.  What is wrong with the file is passed on as the state of
 * the key.
 */
static void
read_ring(const KmsKey *key, Keyring *ring)
{
	MemoryContext context = CurrentMemoryContext;

	ring->count = 0;
	PG_TRY();
	{
		keyring_read_file(WHAT, key->path, ring);
	}
	PG_CATCH();
	{
		ErrorData  *caught;

		MemoryContextSwitchTo(context);
		caught = CopyErrorData();
		FlushErrorState();
		ereport(ERROR,
				(sqs_errcode(SQS_KMS_INVALID_STATE),
				 errmsg("the provider of encryption key \"%s\" failed: the file cannot be read",
						key->alias),
				 sqs_errdetail(SQS_KMS_INVALID_STATE, "%s",
							   kmskey_error_detail(SQS_KMS_INVALID_STATE)),
				 errdetail_log("%s", caught->message),
				 errhint("The reason is in the server log.")));
	}
	PG_END_TRY();
}

/*
 * Encrypt a data key.
 */
bytea *
keywrap_wrap(const KmsKey *key, const pg_uuid_t *data_key_id, const unsigned char *data_key)
{
	char		encoded[ENCODED_LENGTH + 1];
	char		output[WRAPPED_MAX];
	Keyring		ring;
	bytea	   *wrapped;
	Size		length;

	if (key->path != NULL)
	{
		read_ring(key, &ring);
		wrapped = keyring_seal(&ring, PURPOSE, data_key_id->data, UUID_LEN,
							   data_key, SECRET_LENGTH);
		keyring_forget(&ring);
		return wrapped;
	}
	if (compat_b64_encode((const char *) data_key, SECRET_LENGTH, encoded,
						  ENCODED_LENGTH) != ENCODED_LENGTH)
		elog(ERROR, "unexpected length of a data key");
	encoded[ENCODED_LENGTH] = '\n';
	length = run(key, key->wrap, encoded, sizeof(encoded), output, sizeof(output));
	secret_wipe(encoded, sizeof(encoded));
	if (length == 0)
		report_failure(key, SQS_KMS_INVALID_KEY_USAGE, "the command wrote nothing");
	wrapped = palloc(VARHDRSZ + length);
	SET_VARSIZE(wrapped, VARHDRSZ + length);
	memcpy(VARDATA(wrapped), output, length);
	return wrapped;
}

/*
 * Decrypt a data key.
 */
void
keywrap_unwrap(const KmsKey *key, const pg_uuid_t *data_key_id, const bytea *wrapped,
			   unsigned char *data_key)
{
	char		output[ENCODED_LENGTH + 3];
	char		decoded[SECRET_LENGTH + 3];
	Keyring		ring;
	char	   *data = NULL;
	Size		length = 0;
	bool		good;

	if (key->path != NULL)
	{
		read_ring(key, &ring);
		good = keyring_unseal(&ring, PURPOSE, data_key_id->data, UUID_LEN, wrapped,
							  &data, &length) && length == SECRET_LENGTH;
		keyring_forget(&ring);
		if (!good)
			report_failure(key, SQS_KMS_INVALID_STATE,
						   "the file does not hold the key that the data key was encrypted with");
		memcpy(data_key, data, SECRET_LENGTH);
		secret_wipe(data, length);
		return;
	}
	length = run(key, key->unwrap, VARDATA_ANY(wrapped), VARSIZE_ANY_EXHDR(wrapped),
				 output, sizeof(output));
	good = length == ENCODED_LENGTH &&
		compat_b64_decode(output, ENCODED_LENGTH, decoded, sizeof(decoded)) == SECRET_LENGTH;
	secret_wipe(output, sizeof(output));
	if (good)
		memcpy(data_key, decoded, SECRET_LENGTH);
	secret_wipe(decoded, sizeof(decoded));
	if (!good)
		report_failure(key, SQS_KMS_INVALID_KEY_USAGE,
					   "what the command wrote is not a data key");
}
