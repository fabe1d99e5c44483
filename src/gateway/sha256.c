/*-------------------------------------------------------------------------
 *
 * sha256.c
 *		SHA-256 and HMAC with it.
 *
 * Every request needs three digests and a code, all of them short.  What
 * libcrypto takes longest for is to find the algorithm and to make a context,
 * so both are done once and kept: the gateway has a single thread.  Pieces are
 * gathered before they are handed on, as most are a few bytes long.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "sha256.h"

#define GATHERED_MAX 1024

static EVP_MD *algorithm = NULL;
static EVP_MD_CTX *context = NULL;
static EVP_MAC_CTX *mac = NULL;

static unsigned char gathered[GATHERED_MAX];
static size_t gathered_length = 0;
static bool failed = false;

/*
 * The context of digests, made at the first call.
 */
static bool
digest_ready(void)
{
	if (algorithm == NULL)
		algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (context == NULL)
		context = EVP_MD_CTX_new();
	return algorithm != NULL && context != NULL;
}

/*
 * That of codes.
 */
static bool
mac_ready(void)
{
	char		name[] = "SHA256";
	OSSL_PARAM	params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end()
	};
	EVP_MAC    *hmac;

	if (mac != NULL)
		return true;

	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (hmac == NULL)
		return false;
	mac = EVP_MAC_CTX_new(hmac);
	EVP_MAC_free(hmac);
	if (mac != NULL && !EVP_MAC_CTX_set_params(mac, params))
	{
		EVP_MAC_CTX_free(mac);
		mac = NULL;
	}
	return mac != NULL;
}

void
sha256_begin(void)
{
	gathered_length = 0;
	failed = !digest_ready() || !EVP_DigestInit_ex(context, algorithm, NULL);
}

void
sha256_add(const void *bytes, size_t length)
{
	if (length > GATHERED_MAX - gathered_length)
	{
		if (!failed && !EVP_DigestUpdate(context, gathered, gathered_length))
			failed = true;
		gathered_length = 0;
		if (length > GATHERED_MAX)
		{
			if (!failed && !EVP_DigestUpdate(context, bytes, length))
				failed = true;
			return;
		}
	}
	if (length > 0)
		memcpy(gathered + gathered_length, bytes, length);
	gathered_length += length;
}

bool
sha256_end(unsigned char digest[SHA256_LENGTH])
{
	return !failed &&
		EVP_DigestUpdate(context, gathered, gathered_length) &&
		EVP_DigestFinal_ex(context, digest, NULL);
}

bool
sha256_hmac(const unsigned char key[SHA256_LENGTH], const void *bytes, size_t length,
			unsigned char code[SHA256_LENGTH])
{
	size_t		code_length;

	return mac_ready() &&
		EVP_MAC_init(mac, key, SHA256_LENGTH, NULL) &&
		EVP_MAC_update(mac, bytes, length) &&
		EVP_MAC_final(mac, code, &code_length, SHA256_LENGTH) &&
		code_length == SHA256_LENGTH;
}

void
sha256_to_hex(const unsigned char digest[SHA256_LENGTH], char hex[SHA256_HEX_LENGTH])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < SHA256_LENGTH; i++)
	{
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool
sha256_from_hex(const char hex[SHA256_HEX_LENGTH], unsigned char digest[SHA256_LENGTH])
{
	for (int i = 0; i < SHA256_LENGTH; i++)
	{
		int			high = hex_value(hex[2 * i]);
		int			low = high < 0 ? -1 : hex_value(hex[2 * i + 1]);

		if (low < 0)
			return false;
		digest[i] = (unsigned char) (high << 4 | low);
	}
	return true;
}
