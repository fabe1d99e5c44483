/*-------------------------------------------------------------------------
 *
 * crypto.c
 *		Encryption with the master key, and message authentication codes.
 *
 * The master key is what the database does not have: 256 bits in a file of the
 * server, so that a dump, a backup of the data directory or a look at a table
 * does not give away what is encrypted with it.  It is read whenever it is
 * needed, which is rarely, and wiped from memory afterwards, as is all that is
 * made of it.
 *
 * What is encrypted looks like this:
 *
 *	version		1 byte
 *	nonce		12 bytes, random
 *	tag			16 bytes
 *	ciphertext	as long as what it was made of
 *
 * by AES-256-GCM.  Each purpose has a key of its own, the HMAC-SHA-256 of the
 * purpose with the master key.  With random nonces one key is good for some
 * 2^32 encryptions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "storage/fd.h"

#include "compat.h"
#include "crypto.h"
#include "settings.h"

#define MASTER_KEY_LENGTH 32
#define MASTER_KEY_DIGITS (2 * MASTER_KEY_LENGTH)

#define VERSION 1
#define NONCE_LENGTH 12
#define TAG_LENGTH 16
#define SEALED_LENGTH(length) (1 + NONCE_LENGTH + TAG_LENGTH + (length))

/*
 * Check that a file is as private as a key has to be: the server's own or
 * root's, and nobody else can read it, but for a group that root has given it.
 */
static void
check_private(const char *path, const struct stat *st)
{
	mode_t		forbidden = S_IRWXG | S_IRWXO;

	if (!S_ISREG(st->st_mode))
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("master key file \"%s\" is not a regular file", path)));
	if (st->st_uid != geteuid() && st->st_uid != 0)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("master key file \"%s\" belongs to another user", path),
				 errhint("It must belong to the user that the server runs as, or to root.")));
	if (st->st_uid == 0 && geteuid() != 0)
		forbidden = S_IWGRP | S_IXGRP | S_IRWXO;
	if ((st->st_mode & forbidden) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("master key file \"%s\" can be read by others", path),
				 errhint("Its permissions must be 0600 or less, or 0640 or less if it belongs to root.")));
}

/*
 * Read a file of at most size bytes; how many there are, size if there are
 * more.
 */
static Size
read_private_file(const char *path, char *bytes, Size size)
{
	int			fd = OpenTransientFile(path, O_RDONLY | PG_BINARY);
	struct stat st;
	Size		length = 0;
	ssize_t		got = -1;

	if (fd < 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not open master key file \"%s\": %m", path)));
	if (fstat(fd, &st) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not stat master key file \"%s\": %m", path)));
	check_private(path, &st);
	while (length < size && (got = read(fd, bytes + length, size - length)) > 0)
		length += got;
	if (got < 0)
	{
		int			save_errno = errno;

		crypto_wipe(bytes, size);
		errno = save_errno;
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read master key file \"%s\": %m", path)));
	}
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
 * Read the master key.
 */
static void
read_master_key(unsigned char *key)
{
	const char *path = setting_master_key_file;
	char		digits[MASTER_KEY_DIGITS + 2];	/* one more than it may have */
	Size		length;
	bool		good;

	if (path[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is no master key"),
				 errhint("Make one with \"openssl rand -hex 32\" in a file that only the server can read, set queue.master_key_file to its path, and reload the configuration.")));
	length = read_private_file(path, digits, sizeof(digits));
	good = length == MASTER_KEY_DIGITS ||
		(length == MASTER_KEY_DIGITS + 1 && digits[MASTER_KEY_DIGITS] == '\n');
	for (int i = 0; good && i < MASTER_KEY_LENGTH; i++)
	{
		int			high = digit_value(digits[2 * i]);
		int			low = digit_value(digits[2 * i + 1]);

		good = high >= 0 && low >= 0;
		key[i] = (unsigned char) (high * 16 + low);
	}
	crypto_wipe(digits, sizeof(digits));
	if (!good)
	{
		crypto_wipe(key, MASTER_KEY_LENGTH);
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("master key file \"%s\" does not hold a key", path),
				 errhint("It must hold %d hexadecimal digits and nothing else, as \"openssl rand -hex %d\" writes them.",
						 MASTER_KEY_DIGITS, MASTER_KEY_LENGTH)));
	}
}

/*
 * Encrypt or decrypt.  False if it failed, which for decryption is what a
 * wrong tag does; no error is raised while OpenSSL's memory is held.
 */
static bool
run_cipher(bool encrypt, const char *purpose, const char *context,
		   const unsigned char *nonce, unsigned char *tag,
		   const void *from, Size length, unsigned char *to)
{
	unsigned char master_key[MASTER_KEY_LENGTH];
	unsigned char key[CRYPTO_DIGEST_LENGTH];
	EVP_CIPHER_CTX *cipher;
	int			done = 0;
	bool		good;

	if (length > INT_MAX)
		elog(ERROR, "too much to encrypt: %zu bytes", length);
	read_master_key(master_key);
	crypto_hmac(master_key, sizeof(master_key), purpose, strlen(purpose), key);
	crypto_wipe(master_key, sizeof(master_key));

	cipher = EVP_CIPHER_CTX_new();
	good = cipher != NULL &&
		EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) == 1 &&
		(encrypt ||
		 EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_LENGTH, tag) == 1) &&
		EVP_CipherUpdate(cipher, NULL, &done, (const unsigned char *) context,
						 (int) strlen(context)) == 1 &&
		EVP_CipherUpdate(cipher, to, &done, from, (int) length) == 1 &&
		EVP_CipherFinal_ex(cipher, to + done, &done) == 1 &&
		(!encrypt ||
		 EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_LENGTH, tag) == 1);
	EVP_CIPHER_CTX_free(cipher);
	crypto_wipe(key, sizeof(key));

	/* OpenSSL keeps its errors for whoever asks next, who may be TLS */
	if (!good)
		ERR_clear_error();
	return good;
}

/*
 * Encrypt.
 */
bytea *
crypto_seal(const char *purpose, const char *context, const void *data, Size length)
{
	bytea	   *sealed = palloc(VARHDRSZ + SEALED_LENGTH(length));
	unsigned char *version = (unsigned char *) VARDATA(sealed);
	unsigned char *nonce = version + 1;
	unsigned char *tag = nonce + NONCE_LENGTH;

	SET_VARSIZE(sealed, VARHDRSZ + SEALED_LENGTH(length));
	*version = VERSION;
	crypto_random(nonce, NONCE_LENGTH);
	if (!run_cipher(true, purpose, context, nonce, tag, data, length, tag + TAG_LENGTH))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not encrypt with AES-256-GCM")));
	return sealed;
}

/*
 * Decrypt.
 */
bool
crypto_unseal(const char *purpose, const char *context, const bytea *sealed,
			  char **data, Size *length)
{
	const unsigned char *version = (const unsigned char *) VARDATA_ANY(sealed);
	const unsigned char *nonce = version + 1;
	unsigned char tag[TAG_LENGTH];

	if (VARSIZE_ANY_EXHDR(sealed) < SEALED_LENGTH(0) || *version != VERSION)
		return false;
	*length = VARSIZE_ANY_EXHDR(sealed) - SEALED_LENGTH(0);
	*data = palloc(*length + 1);
	memcpy(tag, nonce + NONCE_LENGTH, TAG_LENGTH);
	if (!run_cipher(false, purpose, context, nonce, tag,
					nonce + NONCE_LENGTH + TAG_LENGTH, *length, (unsigned char *) *data))
	{
		crypto_wipe(*data, *length);
		return false;
	}
	(*data)[*length] = '\0';
	return true;
}

/*
 * HMAC-SHA-256.
 */
void
crypto_hmac(const void *key, Size key_length, const void *data, Size length,
			unsigned char *digest)
{
	unsigned char result[EVP_MAX_MD_SIZE];
	unsigned int result_length = 0;

	Assert(key_length <= INT_MAX);
	if (HMAC(EVP_sha256(), key, (int) key_length, data, length, result,
			 &result_length) == NULL || result_length != CRYPTO_DIGEST_LENGTH)
	{
		ERR_clear_error();
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute %s hash: %s", "HMAC-SHA-256", "OpenSSL failed")));
	}
	memcpy(digest, result, CRYPTO_DIGEST_LENGTH);
	crypto_wipe(result, sizeof(result));
}

/*
 * Random bytes.
 */
void
crypto_random(void *bytes, Size length)
{
	if (!pg_strong_random(bytes, length))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
}

/*
 * Overwrite what is secret.
 */
void
crypto_wipe(void *bytes, Size length)
{
	OPENSSL_cleanse(bytes, length);
}
