/*-------------------------------------------------------------------------
 *
 * keyring.c
 *		Keys in a file, or in the output of a command.
 *
 * Of several keys the first one encrypts, and all decrypt.  So a key is changed
 * by writing another before it, and taken out when nothing is left that was
 * encrypted with it.  What is encrypted looks like this:
 *
 *	version		1 byte
 *	fingerprint	4 bytes, of the key
 *	sealed		as crypto.c makes it
 *
 * The fingerprint says which key it is, and of that key nothing: it is a part of
 * a message authentication code made with it.
 *
 * A file is trusted as far as others cannot read it.  No key is ever a part of an
 * error.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/fd.h"

#include "compat.h"
#include "crypto.h"
#include "keyring.h"
#include "program.h"

#define KEY_DIGITS (2 * SECRET_LENGTH)

/* The longest file: one byte more says that there is too much */
#define TEXT_MAX (KEYRING_MAX * (KEY_DIGITS + 1))

#define VERSION 2
#define HEADER_LENGTH (1 + (int) sizeof(uint32))

/*
 * Check that a file is as private as a key has to be: the server's own or
 * root's, and nobody else can read it, but for a group that root has given it.
 */
static bool
check_private(const char *what, const char *path, int elevel, const struct stat *st)
{
	mode_t		forbidden = S_IRWXG | S_IRWXO;

	if (!S_ISREG(st->st_mode))
	{
		ereport(elevel,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("%s file \"%s\" is not a regular file", what, path)));
		return false;
	}
	if (st->st_uid != geteuid() && st->st_uid != 0)
	{
		ereport(elevel,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("%s file \"%s\" belongs to another user", what, path),
				 errhint("It must belong to the user that the server runs as, or to root.")));
		return false;
	}
	if (st->st_uid == 0 && geteuid() != 0)
		forbidden = S_IWGRP | S_IXGRP | S_IRWXO;
	if ((st->st_mode & forbidden) != 0)
	{
		ereport(elevel,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("%s file \"%s\" can be read by others", what, path),
				 errhint("Its permissions must be 0600 or less, or 0640 or less if it belongs to root.")));
		return false;
	}
	return true;
}

/*
 * Read an open file of at most size bytes; how many there are, size if there are
 * more, or -1.
 */
static ssize_t
read_bytes(const char *what, const char *path, int elevel, int fd, char *bytes, Size size)
{
	struct stat st;
	Size		length = 0;
	ssize_t		got = -1;

	if (fstat(fd, &st) != 0)
	{
		ereport(elevel,
				(errcode_for_file_access(),
				 errmsg("could not stat %s file \"%s\": %m", what, path)));
		return -1;
	}
	if (!check_private(what, path, elevel, &st))
		return -1;
	while (length < size && (got = read(fd, bytes + length, size - length)) > 0)
		length += got;
	if (got < 0)
	{
		int			save_errno = errno;

		secret_wipe(bytes, size);
		errno = save_errno;
		ereport(elevel,
				(errcode_for_file_access(),
				 errmsg("could not read %s file \"%s\": %m", what, path)));
		return -1;
	}
	return (ssize_t) length;
}

/*
 * The same of a file by its path.  Who opens a pipe must not wait for a writer.
 */
static ssize_t
read_private_file(const char *what, const char *path, int elevel, char *bytes, Size size)
{
	int			fd = OpenTransientFile(path, O_RDONLY | O_NONBLOCK);
	ssize_t		length;

	if (fd < 0)
	{
		ereport(elevel,
				(errcode_for_file_access(),
				 errmsg("could not open %s file \"%s\": %m", what, path)));
		return -1;
	}
	length = read_bytes(what, path, elevel, fd, bytes, size);
	CloseTransientFile(fd);
	return length;
}

/*
 * The value of a hexadecimal digit, or -1.
 */
static int
digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/*
 * A key's fingerprint.
 */
static uint32
fingerprint_of(const unsigned char *key)
{
	static const char text[] = "fingerprint";
	unsigned char digest[CRYPTO_DIGEST_LENGTH];
	uint32		fingerprint;

	crypto_hmac(key, SECRET_LENGTH, text, strlen(text), digest);
	memcpy(&fingerprint, digest, sizeof(fingerprint));
	secret_wipe(digest, sizeof(digest));
	return fingerprint;
}

/*
 * Add a key, given by its digits; false if they are none.
 */
static bool
add_key(Keyring *ring, const char *digits)
{
	KeyringKey *key = &ring->keys[ring->count];

	key->key = secret_alloc();
	ring->count++;
	for (int i = 0; i < SECRET_LENGTH; i++)
	{
		int			high = digit_value(digits[2 * i]);
		int			low = digit_value(digits[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		key->key[i] = (unsigned char) (high * 16 + low);
	}
	key->fingerprint = fingerprint_of(key->key);
	return true;
}

/*
 * Read the lines of a text, of which the last need not have an end.
 */
static bool
add_keys(Keyring *ring, const char *text, Size length)
{
	Size		at = 0;

	if (length == 0 || length > TEXT_MAX)
		return false;
	while (at < length)
	{
		if (length - at < KEY_DIGITS || ring->count == KEYRING_MAX ||
			!add_key(ring, text +at))
			return false;
		at += KEY_DIGITS;
		if (at < length && text[at++] != '\n')
			return false;
	}
	return true;
}

/*
 * Make keys of a text, and wipe it.
 */
static bool
keys_from_text(Keyring *ring, char *text, Size length)
{
	bool		good;

	PG_TRY();
	{
		good = add_keys(ring, text, length);
	}
	PG_CATCH();
	{
		secret_wipe(text, TEXT_MAX + 1);
		keyring_forget(ring);
		PG_RE_THROW();
	}
	PG_END_TRY();
	secret_wipe(text, TEXT_MAX + 1);
	if (!good)
		keyring_forget(ring);
	return good;
}

/*
 * Read keys from a file.
 */
bool
keyring_read_file(const char *what, const char *path, int elevel, Keyring *ring)
{
	char		lines[TEXT_MAX + 1];
	ssize_t		length;

	ring->count = 0;
	length = read_private_file(what, path, elevel, lines, sizeof(lines));
	if (length < 0)
		return false;
	if (!keys_from_text(ring, lines, length))
	{
		ereport(elevel,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("%s file \"%s\" does not hold a key", what, path),
				 errhint("It must hold %d hexadecimal digits and nothing else, as \"openssl rand -hex %d\" writes them, or up to %d such lines.",
						 KEY_DIGITS, SECRET_LENGTH, KEYRING_MAX)));
		return false;
	}
	return true;
}

/*
 * Read keys from the output of a command.
 */
bool
keyring_read_command(const char *what, const char *command, int elevel, Keyring *ring)
{
	char		lines[TEXT_MAX + 1];
	Size		length = 0;
	int			status;

	ring->count = 0;
	status = program_run(command, NULL, 0, lines, sizeof(lines), &length);
	if (status != 0)
	{
		secret_wipe(lines, sizeof(lines));
		ereport(elevel,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 status == PROGRAM_TIMED_OUT ?
				 errmsg("%s command took longer than %d seconds", what, PROGRAM_TIME_MAX) :
				 status == PROGRAM_NOT_STARTED ?
				 errmsg("%s command could not be started", what) :
				 errmsg("%s command failed with exit status %d", what, status),
				 errhint("What it says about it is in the server log.")));
		return false;
	}
	if (!keys_from_text(ring, lines, length))
	{
		ereport(elevel,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("%s command does not write a key", what),
				 errhint("It must write %d hexadecimal digits and nothing else, as \"openssl rand -hex %d\" does, or up to %d such lines.",
						 KEY_DIGITS, SECRET_LENGTH, KEYRING_MAX)));
		return false;
	}
	return true;
}

/*
 * Find a key.
 */
const unsigned char *
keyring_find(const Keyring *ring, uint32 fingerprint)
{
	for (int i = 0; i < ring->count; i++)
		if (ring->keys[i].fingerprint == fingerprint)
			return ring->keys[i].key;
	return NULL;
}

/*
 * Wipe the keys.
 */
void
keyring_forget(Keyring *ring)
{
	while (ring->count > 0)
		secret_free(ring->keys[--ring->count].key);
}

/*
 * Encrypt with the first key.
 */
bytea *
keyring_seal(const Keyring *ring, const char *purpose,
			 const void *context, Size context_length, const void *data, Size length)
{
	Size		size = VARHDRSZ + HEADER_LENGTH + CRYPTO_OVERHEAD + length;
	bytea	   *result = palloc(size);
	unsigned char *sealed = (unsigned char *) VARDATA(result);
	CryptoContext tied = {.first = context,.first_length = context_length};
	unsigned char key[CRYPTO_DIGEST_LENGTH];

	SET_VARSIZE(result, size);
	sealed[0] = VERSION;
	memcpy(sealed + 1, &ring->keys[0].fingerprint, sizeof(uint32));
	crypto_hmac(ring->keys[0].key, SECRET_LENGTH, purpose, strlen(purpose), key);
	crypto_encrypt(key, &tied, data, length, sealed + HEADER_LENGTH);
	secret_wipe(key, sizeof(key));
	return result;
}

/*
 * Which key some bytes were sealed with.
 */
bool
keyring_sealed_with(const bytea *sealed, uint32 *fingerprint)
{
	const char *bytes = VARDATA_ANY(sealed);

	if (VARSIZE_ANY_EXHDR(sealed) < HEADER_LENGTH + CRYPTO_OVERHEAD || bytes[0] != VERSION)
		return false;
	memcpy(fingerprint, bytes + 1, sizeof(uint32));
	return true;
}

/*
 * Decrypt with the key that it takes.
 */
bool
keyring_unseal(const Keyring *ring, const char *purpose,
			   const void *context, Size context_length,
			   const bytea *sealed, char **data, Size *length)
{
	const unsigned char *bytes = (const unsigned char *) VARDATA_ANY(sealed);
	CryptoContext tied = {.first = context,.first_length = context_length};
	unsigned char key[CRYPTO_DIGEST_LENGTH];
	const unsigned char *found;
	uint32		fingerprint;
	bool		good;

	if (!keyring_sealed_with(sealed, &fingerprint))
		return false;
	found = keyring_find(ring, fingerprint);
	if (found == NULL)
		return false;
	*length = VARSIZE_ANY_EXHDR(sealed) - HEADER_LENGTH - CRYPTO_OVERHEAD;
	*data = palloc(*length + 1);
	crypto_hmac(found, SECRET_LENGTH, purpose, strlen(purpose), key);
	good = crypto_decrypt(key, &tied, bytes + HEADER_LENGTH,
						  VARSIZE_ANY_EXHDR(sealed) - HEADER_LENGTH, *data);
	secret_wipe(key, sizeof(key));
	(*data)[*length] = '\0';
	return good;
}
