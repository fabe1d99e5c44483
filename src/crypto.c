/*-------------------------------------------------------------------------
 *
 * crypto.c
 *		Encryption with AES-256-GCM, and message authentication codes.
 *
 * What is encrypted looks like this:
 *
 *	nonce		12 bytes, random
 *	tag			16 bytes
 *	ciphertext	as long as what it was made of
 *
 * One cipher of OpenSSL's serves for all of it: to make one, and to find what
 * implements it, takes longer than to encrypt a small message.  Between two uses
 * it has no key but zeros, so that none lies in memory that is not ours to wipe.
 * Nonces are had from the generator many at a time, for the same reason: most of
 * its time goes into being asked.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "compat.h"
#include "crypto.h"

/* Nonces that are made at a time */
#define NONCES 64

/* NULL until it is needed; it lives as long as the backend */
static EVP_CIPHER_CTX *cipher = NULL;

/*
 * The cipher, which knows its algorithm, but has no key.
 */
static bool
have_cipher(void)
{
	EVP_CIPHER_CTX *made;

	if (cipher != NULL)
		return true;
	made = EVP_CIPHER_CTX_new();
	if (made != NULL && EVP_EncryptInit_ex(made, EVP_aes_256_gcm(), NULL, NULL, NULL) == 1)
	{
		cipher = made;
		return true;
	}
	EVP_CIPHER_CTX_free(made);
	return false;
}

/*
 * A nonce, which is never used twice.
 */
static void
take_nonce(unsigned char *nonce)
{
	static unsigned char nonces[NONCES][CRYPTO_NONCE_LENGTH];
	static int	left = 0;

	if (left == 0)
	{
		crypto_random(nonces, sizeof(nonces));
		left = NONCES;
	}
	memcpy(nonce, nonces[--left], CRYPTO_NONCE_LENGTH);
}

/*
 * Encrypt or decrypt.  False if it failed, which for decryption is what a
 * wrong tag does.
 */
static bool
run_cipher(bool encrypt, const unsigned char *key, const CryptoContext *context,
		   const unsigned char *nonce, unsigned char *tag,
		   const void *from, Size length, unsigned char *to)
{
	static const unsigned char no_key[SECRET_LENGTH];
	int			done = 0;
	bool		good;

	if (length > INT_MAX)
		elog(ERROR, "too much to encrypt: %zu bytes", length);
	good = have_cipher() &&
		EVP_CipherInit_ex(cipher, NULL, NULL, key, nonce, encrypt) == 1 &&
		(encrypt ||
		 EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, CRYPTO_TAG_LENGTH, tag) == 1) &&
		EVP_CipherUpdate(cipher, NULL, &done, context->first, (int) context->first_length) == 1 &&
		(context->second_length == 0 ||
		 EVP_CipherUpdate(cipher, NULL, &done, context->second,
						  (int) context->second_length) == 1) &&
		EVP_CipherUpdate(cipher, to, &done, from, (int) length) == 1 &&
		EVP_CipherFinal_ex(cipher, to + done, &done) == 1 &&
		(!encrypt ||
		 EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, CRYPTO_TAG_LENGTH, tag) == 1);
	if (cipher != NULL && EVP_EncryptInit_ex(cipher, NULL, NULL, no_key, NULL) != 1)
	{
		EVP_CIPHER_CTX_free(cipher);
		cipher = NULL;
	}

	/* OpenSSL keeps its errors for whoever asks next, who may be TLS */
	if (!good)
		ERR_clear_error();
	return good;
}

/*
 * Encrypt.
 */
void
crypto_encrypt(const unsigned char *key, const CryptoContext *context,
			   const void *plain, Size length, unsigned char *sealed)
{
	unsigned char *tag = sealed + CRYPTO_NONCE_LENGTH;

	take_nonce(sealed);
	if (!run_cipher(true, key, context, sealed, tag, plain, length, tag + CRYPTO_TAG_LENGTH))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not encrypt with AES-256-GCM")));
}

/*
 * Decrypt.
 */
bool
crypto_decrypt(const unsigned char *key, const CryptoContext *context,
			   const unsigned char *sealed, Size length, void *plain)
{
	unsigned char tag[CRYPTO_TAG_LENGTH];

	if (length < CRYPTO_OVERHEAD)
		return false;
	length -= CRYPTO_OVERHEAD;
	memcpy(tag, sealed + CRYPTO_NONCE_LENGTH, CRYPTO_TAG_LENGTH);
	if (run_cipher(false, key, context, sealed, tag, sealed + CRYPTO_OVERHEAD, length, plain))
		return true;
	/* what is not authentic is not to be looked at */
	secret_wipe(plain, length);
	return false;
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
	secret_wipe(result, sizeof(result));
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
