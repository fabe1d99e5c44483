/*-------------------------------------------------------------------------
 *
 * digest.c
 *		MD5 digests of bodies and message attributes, as SQS answers them.
 *
 * Clients compute the same digests and compare.  That of a body is over its
 * UTF-8.  That of attributes is over their encoding, sorted by name: for each
 * its name, its data type, a byte that tells text from binary, and its value;
 * all but that byte with their lengths before, of four bytes in network order.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "common/base64.h"
#include "lib/stringinfo.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"

#include "characters.h"
#include "compat.h"
#include "digest.h"
#include "queue.h"

#define MD5_LENGTH 16			/* bytes */

/* What stands for the kind of a value in the encoding */
#define VALUE_STRING 1
#define VALUE_BINARY 2

/* Bytes */
typedef struct DigestPart
{
	const char *data;
	Size		length;
} DigestPart;

typedef struct DigestAttribute
{
	DigestPart	name;
	DigestPart	type;
	DigestPart	value;
	char		kind;
} DigestAttribute;

/*
 * Compute a digest.  What OpenSSL looks up and allocates for it costs more than
 * a short body, and is kept.  The digest guards nothing, so it is had where
 * FIPS rules leave MD5 out as well.
 */
static bool
compute_md5(const char *data, Size length, unsigned char *md5)
{
	static EVP_MD *algorithm = NULL;
	static EVP_MD_CTX *context = NULL;

	if (algorithm == NULL)
		algorithm = EVP_MD_fetch(NULL, "MD5", "-fips");
	if (context == NULL)
		context = EVP_MD_CTX_new();
	return algorithm != NULL && context != NULL &&
		EVP_DigestInit_ex2(context, algorithm, NULL) == 1 &&
		EVP_DigestUpdate(context, data, length) == 1 &&
		EVP_DigestFinal_ex(context, md5, NULL) == 1;
}

/*
 * The digest of some bytes, in hexadecimal.
 */
static char *
digest_bytes(const char *data, Size length)
{
	unsigned char md5[MD5_LENGTH];
	char	   *result = palloc(2 * MD5_LENGTH + 1);

	if (!compute_md5(data, length, md5))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute %s hash: %s", "MD5",
						ERR_reason_error_string(ERR_get_error()))));
	hex_encode((const char *) md5, MD5_LENGTH, result);
	result[2 * MD5_LENGTH] = '\0';
	return result;
}

/*
 * A string in UTF-8; as it is, if it has no such form.
 */
static DigestPart
utf8_part(const char *string, Size length)
{
	DigestPart	part;
	char	   *utf8 = characters_to_utf8(string, length, &part.length);

	part.data = utf8 == NULL ? string : utf8;
	return part;
}

static DigestPart
json_part(const JsonbValue *string)
{
	return utf8_part(string->val.string.val, string->val.string.len);
}

/*
 * What a string in base64 stands for.  It was checked when it was sent.
 */
static DigestPart
binary_part(const JsonbValue *string)
{
	int			size = pg_b64_dec_len(string->val.string.len);
	char	   *data = palloc(size);
	int			length = compat_b64_decode(string->val.string.val,
										   string->val.string.len, data, size);
	DigestPart	part = {data, length};

	if (length < 0)
		elog(ERROR, "could not decode a binary message attribute");
	return part;
}

/*
 * The digest of attributes in the order that they have to have.
 */
static char *
digest_encoded(const DigestAttribute *attributes, int count)
{
	StringInfoData bytes;

	initStringInfo(&bytes);
	for (int i = 0; i < count; i++)
	{
		const DigestAttribute *attribute = &attributes[i];
		const DigestPart *parts[] = {&attribute->name, &attribute->type, &attribute->value};

		for (int j = 0; j < lengthof(parts); j++)
		{
			uint32		length = pg_hton32((uint32) parts[j]->length);

			if (parts[j] == &attribute->value)
				appendStringInfoCharMacro(&bytes, attribute->kind);
			appendBinaryStringInfo(&bytes, (char *) &length, sizeof(length));
			appendBinaryStringInfo(&bytes, parts[j]->data, parts[j]->length);
		}
	}
	return digest_bytes(bytes.data, bytes.len);
}

static int
compare_names(const void *a, const void *b)
{
	const DigestPart *x = &((const DigestAttribute *) a)->name;
	const DigestPart *y = &((const DigestAttribute *) b)->name;
	int			result = memcmp(x->data, y->data, Min(x->length, y->length));

	return result != 0 ? result : (x->length > y->length) - (x->length < y->length);
}

/*
 * Take an attribute apart: {"DataType": ..., "StringValue": ...}, or
 * "BinaryValue" in the place of that.
 */
static void
read_attribute(JsonbContainer *container, DigestAttribute *attribute)
{
	JsonbIterator *iterator = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue	key;
	JsonbValue	value;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&iterator, &value, true);
		if (characters_are(key.val.string.val, key.val.string.len, "DataType"))
			attribute->type = json_part(&value);
		else if (characters_are(key.val.string.val, key.val.string.len, "StringValue"))
		{
			attribute->kind = VALUE_STRING;
			attribute->value = json_part(&value);
		}
		else if (characters_are(key.val.string.val, key.val.string.len, "BinaryValue"))
		{
			attribute->kind = VALUE_BINARY;
			attribute->value = binary_part(&value);
		}
	}
}

/*
 * The digest of a body.
 */
char *
digest_body(const text *body)
{
	DigestPart	part = utf8_part(VARDATA_ANY(body), VARSIZE_ANY_EXHDR(body));

	return digest_bytes(part.data, part.length);
}

/*
 * The digest of message attributes.
 */
char *
digest_attributes(Jsonb *attributes)
{
	int			size = JB_ROOT_COUNT(attributes);
	DigestAttribute *list = palloc0(size * sizeof(DigestAttribute));
	int			count = 0;
	JsonbIterator *iterator = JsonbIteratorInit(&attributes->root);
	JsonbIteratorToken token;
	JsonbValue	value;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			list[count].name = json_part(&value);
		else if (token == WJB_VALUE)
		{
			if (value.type == jbvBinary)
				read_attribute(value.val.binary.data, &list[count]);
			count++;
		}
	}
	qsort(list, count, sizeof(DigestAttribute), compare_names);
	return digest_encoded(list, count);
}

/*
 * The digest of system attributes.
 */
char *
digest_trace_header(const text *trace_header)
{
	DigestAttribute attribute;

	attribute.name = utf8_part("AWSTraceHeader", strlen("AWSTraceHeader"));
	attribute.type = utf8_part("String", strlen("String"));
	attribute.kind = VALUE_STRING;
	attribute.value = utf8_part(VARDATA_ANY(trace_header),
								VARSIZE_ANY_EXHDR(trace_header));
	return digest_encoded(&attribute, 1);
}
