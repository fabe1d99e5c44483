/*-------------------------------------------------------------------------
 *
 * tls.h
 *		The certificate that the gateway shows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_TLS_H
#define GATEWAY_TLS_H

#include <stdbool.h>
#include <gnutls/abstract.h>

#include "config.h"

/*
 * Load certificate and key of the files.  If that fails it is logged, false is
 * returned, and the ones loaded before, if any, stay in use.  Connections that
 * are open keep theirs.
 */
extern bool tls_load(const Config *config);

/* Protocols and ciphers, as GnuTLS names them: TLS 1.2 and later */
extern const char *tls_priorities(void);

/*
 * For MHD_OPTION_HTTPS_CERT_CALLBACK2, not the one without a number: only there
 * GnuTLS frees what it is handed, and a reload can free what it replaces.
 */
extern gnutls_certificate_retrieve_function3 *tls_certificate_callback2(void);

#endif							/* GATEWAY_TLS_H */
