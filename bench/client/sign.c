/*-------------------------------------------------------------------------
 *
 * sign.c
 *		Signatures of requests: AWS Signature Version 4, service "sqs".
 *
 * The load shares its processors with the server that it measures, so what a
 * signature costs matters: the signing key is derived once a day, and digests
 * and MACs are computed in contexts that are kept.  That leaves two SHA-256 and
 * one HMAC for each request, some microseconds.
 *
 *-------------------------------------------------------------------------
 */
#include "sign.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/params.h>

#include "die.h"

#define DIGEST_LENGTH 32
#define CONTENT_TYPE "application/x-amz-json-1.0"
#define SIGNED_HEADERS "content-type;host;x-amz-date;x-amz-target"

static const char *access_key_id;
static const char *secret;
static const char *region;
static const char *host;

static EVP_MD *sha256;
static EVP_MD_CTX *digest_context;
static EVP_MAC_CTX *mac_context;

/* The day that the key of mac_context is for, yyyymmdd */
static char key_day[9];

/* The last second that a time was written for, and what was written */
static time_t second = -1;
static char timestamp[17];

static void
hash(const void *bytes, size_t length, unsigned char *out)
{
	if (!EVP_DigestInit_ex2(digest_context, sha256, NULL) ||
		!EVP_DigestUpdate(digest_context, bytes, length) ||
		!EVP_DigestFinal_ex(digest_context, out, NULL))
		die("a digest cannot be computed");
}

/* key NULL: the one used before */
static void
mac(const void *key, size_t key_length, const void *bytes, size_t length,
	unsigned char *out)
{
	size_t		written;

	if (!EVP_MAC_init(mac_context, key, key_length, NULL) ||
		!EVP_MAC_update(mac_context, bytes, length) ||
		!EVP_MAC_final(mac_context, out, &written, DIGEST_LENGTH))
		die("a MAC cannot be computed");
}

static void
hex(const unsigned char *bytes, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < DIGEST_LENGTH; i++)
	{
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

void
sign_init(const char *id, const char *key, const char *where, const char *name)
{
	char		digest[] = "SHA256";
	OSSL_PARAM	parameters[] = {
		OSSL_PARAM_construct_utf8_string("digest", digest, 0),
		OSSL_PARAM_construct_end()
	};
	EVP_MAC    *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	access_key_id = id;
	secret = key;
	region = where;
	host = name;
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	digest_context = EVP_MD_CTX_new();
	mac_context = EVP_MAC_CTX_new(hmac);
	if (sha256 == NULL || digest_context == NULL || mac_context == NULL ||
		!EVP_MAC_CTX_set_params(mac_context, parameters))
		die("libcrypto has no HMAC with SHA-256");
	EVP_MAC_free(hmac);
}

/* Have mac_context compute with the signing key of the day */
static void
need_key(const char *day)
{
	char		start[256];
	unsigned char key[DIGEST_LENGTH];
	int			length;

	if (strcmp(key_day, day) == 0)
		return;
	length = snprintf(start, sizeof(start), "AWS4%s", secret);
	if (length >= (int) sizeof(start))
		die("the secret access key is too long");
	mac(start, length, day, strlen(day), key);
	mac(key, DIGEST_LENGTH, region, strlen(region), key);
	mac(key, DIGEST_LENGTH, "sqs", strlen("sqs"), key);
	mac(key, DIGEST_LENGTH, "aws4_request", strlen("aws4_request"), key);
	if (!EVP_MAC_init(mac_context, key, DIGEST_LENGTH, NULL))
		die("a MAC cannot be computed");
	memcpy(key_day, day, sizeof(key_day));
}

void
sign_request(const char *target, const char *body, size_t length, time_t now,
			 char out[SIGN_SIZE])
{
	unsigned char digest[DIGEST_LENGTH];
	char		digits[2 * DIGEST_LENGTH + 1];
	char		scope[128];
	char		buffer[1024];
	int			written;

	if (now != second)
	{
		struct tm	parts;

		gmtime_r(&now, &parts);
		strftime(timestamp, sizeof(timestamp), "%Y%m%dT%H%M%SZ", &parts);
		second = now;
	}
	snprintf(scope, sizeof(scope), "%.8s/%s/sqs/aws4_request", timestamp, region);

	hash(body, length, digest);
	hex(digest, digits);
	written = snprintf(buffer, sizeof(buffer),
					   "POST\n/\n\ncontent-type:" CONTENT_TYPE "\nhost:%s\n"
					   "x-amz-date:%s\nx-amz-target:%s\n\n" SIGNED_HEADERS "\n%s",
					   host, timestamp, target, digits);
	if (written >= (int) sizeof(buffer))
		die("the name of the host is too long");

	hash(buffer, written, digest);
	hex(digest, digits);
	written = snprintf(buffer, sizeof(buffer), "AWS4-HMAC-SHA256\n%s\n%s\n%s",
					   timestamp, scope, digits);

	scope[8] = '\0';
	need_key(scope);
	scope[8] = '/';
	mac(NULL, 0, buffer, written, digest);
	hex(digest, digits);
	written = snprintf(out, SIGN_SIZE,
					   "X-Amz-Date: %s\r\n"
					   "Authorization: AWS4-HMAC-SHA256 Credential=%s/%s, "
					   "SignedHeaders=" SIGNED_HEADERS ", Signature=%s\r\n",
					   timestamp, access_key_id, scope, digits);
	if (written >= SIGN_SIZE)
		die("access key id or region is too long");
}
