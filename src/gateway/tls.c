/*-------------------------------------------------------------------------
 *
 * tls.c
 *		The certificate that the gateway shows.
 *
 * Certificate and key are loaded once and handed to each connection as a copy
 * of its own, which GnuTLS frees with the connection.  So a reload need not
 * know which handshakes are under way: they go on with what they began with,
 * and the ones loaded before can be freed at once.  The copy costs little
 * beside the signature that a handshake is made of.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "buffer.h"
#include "log.h"
#include "tls.h"

/* A chain of certificates has some thousand bytes; more is another file */
#define FILE_SIZE_LIMIT (1024 * 1024)

/* What is in use */
static gnutls_x509_crt_t *chain = NULL;
static unsigned int chain_length = 0;
static gnutls_x509_privkey_t chain_key = NULL;

/*
 * Say why a file was not loaded.  Returns false.
 */
static bool
load_failed(const char *file, const char *reason)
{
	log_event(LOG_LEVEL_ERROR, "tls_not_loaded",
			  "file", "s", file,
			  "reason", "s", reason, NULL);
	return false;
}

/*
 * Read a file, as it is, into memory for the caller to free.  A key must not be
 * readable by others: as PostgreSQL has it, one of root's by its group at most,
 * one of ours by nobody else.
 */
static bool
load_file(const char *name, bool secret, gnutls_datum_t *content)
{
	FILE	   *file = fopen(name, "r");
	struct stat status;
	const char *reason = NULL;

	if (file == NULL)
		return load_failed(name, strerror(errno));
	if (fstat(fileno(file), &status) != 0)
		reason = strerror(errno);
	else if (!S_ISREG(status.st_mode))
		reason = "it is not a regular file";
	else if (secret && (status.st_mode & (status.st_uid == 0 ? 037 : 077)) != 0)
		reason = "others have access to it: its mode must be 0600 or less, or 0640 or less if root owns it";
	else if (status.st_size > FILE_SIZE_LIMIT)
		reason = "it is too large";
	else
	{
		content->data = must_malloc(status.st_size);
		content->size = fread(content->data, 1, status.st_size, file);
		if (ferror(file) || content->size != status.st_size)
			reason = "it could not be read";
	}
	fclose(file);
	return reason == NULL || load_failed(name, reason);
}

/*
 * Make a chain of certificates and its key of the contents of two files.  That
 * they belong together is checked by GnuTLS, which also sorts the chain.
 */
static bool
load_pair(const Config *config,
		  const gnutls_datum_t *certificate, const gnutls_datum_t *key,
		  gnutls_x509_crt_t **new_chain, unsigned int *new_length,
		  gnutls_x509_privkey_t *new_key)
{
	gnutls_certificate_credentials_t credentials;
	int			result;

	result = gnutls_certificate_allocate_credentials(&credentials);
	if (result < 0)
		return load_failed(config->tls_certificate, gnutls_strerror(result));

	result = gnutls_certificate_set_x509_key_mem2(credentials, certificate, key,
												  GNUTLS_X509_FMT_PEM, NULL, 0);
	if (result >= 0)
		result = gnutls_certificate_get_x509_key(credentials, 0, new_key);
	if (result >= 0)
	{
		result = gnutls_certificate_get_x509_crt(credentials, 0, new_chain, new_length);
		if (result < 0)
			gnutls_x509_privkey_deinit(*new_key);
	}
	gnutls_certificate_free_credentials(credentials);
	if (result < 0)
	{
		log_event(LOG_LEVEL_ERROR, "tls_not_loaded",
				  "file", "s", config->tls_certificate,
				  "key", "s", config->tls_key,
				  "reason", "s", gnutls_strerror(result), NULL);
		return false;
	}
	return true;
}

/*
 * Forget the certificate and key in use.
 */
static void
free_chain(void)
{
	for (unsigned int i = 0; i < chain_length; i++)
		gnutls_x509_crt_deinit(chain[i]);
	gnutls_free(chain);
	if (chain_key != NULL)
		gnutls_x509_privkey_deinit(chain_key);
	chain = NULL;
	chain_length = 0;
	chain_key = NULL;
}

bool
tls_load(const Config *config)
{
	gnutls_datum_t certificate = {0};
	gnutls_datum_t key = {0};
	gnutls_x509_crt_t *new_chain = NULL;
	unsigned int new_length = 0;
	gnutls_x509_privkey_t new_key = NULL;
	bool		loaded;

	loaded = load_file(config->tls_certificate, false, &certificate) &&
		load_file(config->tls_key, true, &key) &&
		load_pair(config, &certificate, &key, &new_chain, &new_length, &new_key);
	if (key.data != NULL)
		gnutls_memset(key.data, 0, key.size);
	free(key.data);
	free(certificate.data);
	if (!loaded)
		return false;

	free_chain();
	chain = new_chain;
	chain_length = new_length;
	chain_key = new_key;
	log_event(LOG_LEVEL_INFO, "tls_loaded",
			  "file", "s", config->tls_certificate,
			  "certificates", "i", (int) chain_length,
			  "expires", "l", (int64_t) gnutls_x509_crt_get_expiration_time(chain[0]), NULL);
	return true;
}

const char *
tls_priorities(void)
{
	return "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
}

/*
 * Give a connection its copies; GnuTLS calls this in each handshake.  Returns
 * -1, which ends the handshake, if there is no memory for them.
 */
static int
retrieve_certificate(gnutls_session_t session,
					 const struct gnutls_cert_retr_st *request,
					 gnutls_pcert_st **certificates, unsigned int *count,
					 gnutls_ocsp_data_st **ocsp, unsigned int *ocsp_count,
					 gnutls_privkey_t *key, unsigned int *flags)
{
	gnutls_pcert_st *copies;
	unsigned int copied = 0;
	gnutls_privkey_t key_copy = NULL;

	copies = gnutls_calloc(chain_length, sizeof(gnutls_pcert_st));
	if (copies == NULL)
		return -1;
	while (copied < chain_length &&
		   gnutls_pcert_import_x509(&copies[copied], chain[copied], 0) >= 0)
		copied++;
	if (copied == chain_length && gnutls_privkey_init(&key_copy) >= 0)
	{
		if (gnutls_privkey_import_x509(key_copy, chain_key, GNUTLS_PRIVKEY_IMPORT_COPY) >= 0)
		{
			*certificates = copies;
			*count = copied;
			*key = key_copy;
			*ocsp = NULL;
			*ocsp_count = 0;
			*flags = GNUTLS_CERT_RETR_DEINIT_ALL;
			return 0;
		}
		gnutls_privkey_deinit(key_copy);
	}

	while (copied > 0)
		gnutls_pcert_deinit(&copies[--copied]);
	gnutls_free(copies);
	return -1;
}

gnutls_certificate_retrieve_function3 *
tls_certificate_callback2(void)
{
	return retrieve_certificate;
}
