/*-------------------------------------------------------------------------
 *
 * unit_tls.c
 *		Promises: a handshake shows the certificate that was loaded last, and
 *		the chain with it; a load that fails changes nothing; a load while a
 *		handshake is under way does not disturb it; nothing below TLS 1.2 is
 *		spoken; a key that others can read is refused.
 *
 * Both ends are in this process and hand each other bytes through buffers, so
 * that a handshake can be held where we like: a server that cannot send has
 * chosen its certificate and not yet made use of the key.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "buffer.h"
#include "tap.h"
#include "tls.h"

/* One end of a connection; what it has been sent waits in the buffer */
typedef struct End
{
	Buffer		received;
	size_t		taken;
	struct End *other;
	bool		full;			/* cannot send for now */
	gnutls_session_t session;
	bool		done;
} End;

static char folder[] = "/tmp/unit_tls.XXXXXX";
static gnutls_certificate_credentials_t server_credentials;
static gnutls_certificate_credentials_t client_credentials;

/*
 * A test of two strings.
 */
static void
check_string(const char *got, const char *expected, const char *name)
{
	if (!tap_ok(got != NULL && strcmp(got, expected) == 0, "%s", name))
		tap_difference(expected, got == NULL ? "(null)" : got);
}

static ssize_t
end_push(gnutls_transport_ptr_t pointer, const void *bytes, size_t length)
{
	End		   *end = pointer;

	if (end->full)
	{
		gnutls_transport_set_errno(end->session, EAGAIN);
		return -1;
	}
	buffer_append(&end->other->received, bytes, length);
	return length;
}

static ssize_t
end_pull(gnutls_transport_ptr_t pointer, void *bytes, size_t length)
{
	End		   *end = pointer;

	if (length > end->received.length - end->taken)
		length = end->received.length - end->taken;
	if (length == 0)
	{
		gnutls_transport_set_errno(end->session, EAGAIN);
		return -1;
	}
	memcpy(bytes, end->received.data + end->taken, length);
	end->taken += length;
	return length;
}

static int
end_wait(gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
	End		   *end = pointer;

	return end->received.length > end->taken;
}

static void
end_open(End *end, End *other, unsigned int flags, const char *priorities,
		 gnutls_certificate_credentials_t credentials)
{
	memset(end, 0, sizeof(*end));
	end->other = other;
	if (gnutls_init(&end->session, flags | GNUTLS_NONBLOCK) < 0 ||
		gnutls_priority_set_direct(end->session, priorities, NULL) < 0 ||
		gnutls_credentials_set(end->session, GNUTLS_CRD_CERTIFICATE, credentials) < 0)
		exit(EXIT_FAILURE);
	gnutls_transport_set_ptr(end->session, end);
	gnutls_transport_set_push_function(end->session, end_push);
	gnutls_transport_set_pull_function(end->session, end_pull);
	gnutls_transport_set_pull_timeout_function(end->session, end_wait);
}

static void
end_close(End *end)
{
	gnutls_deinit(end->session);
	buffer_free(&end->received);
}

/*
 * Go on with a handshake; false once it has failed.
 */
static bool
end_step(End *end)
{
	int			result;

	if (end->done)
		return true;
	result = gnutls_handshake(end->session);
	end->done = result == GNUTLS_E_SUCCESS;
	return end->done || !gnutls_error_is_fatal(result);
}

/*
 * Both ends until they have done; false if one failed.
 */
static bool
finish(End *client, End *server)
{
	/* a handshake takes three turns; more, and it does not come to an end */
	for (int turn = 0; turn < 10; turn++)
	{
		if (!end_step(client) || !end_step(server))
			return false;
		if (client->done && server->done)
			return true;
	}
	return false;
}

/*
 * The common name in the certificate that a client was shown, and how many
 * certificates came with it, as "NAME COUNT".
 */
static const char *
shown(End *client)
{
	static char result[64];
	unsigned int count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(client->session, &count);
	gnutls_x509_crt_t certificate;
	char		name[32] = "";
	size_t		size = sizeof(name);

	if (chain == NULL || gnutls_x509_crt_init(&certificate) < 0)
		return "none";
	if (gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER) >= 0)
		gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME,
									  0, 0, name, &size);
	gnutls_x509_crt_deinit(certificate);
	snprintf(result, sizeof(result), "%s %u", name, count);
	return result;
}

/*
 * A whole handshake: what the client was shown, or "failed".
 */
static const char *
connect_with(const char *priorities)
{
	End			client;
	End			server;
	const char *result = "failed";

	end_open(&client, &server, GNUTLS_CLIENT, priorities, client_credentials);
	end_open(&server, &client, GNUTLS_SERVER, tls_priorities(), server_credentials);
	if (finish(&client, &server))
		result = shown(&client);
	end_close(&client);
	end_close(&server);
	return result;
}

static char *
path_of(const char *name, const char *suffix)
{
	Buffer		path = {0};

	buffer_printf(&path, "%s/%s%s", folder, name, suffix);
	return buffer_take(&path, NULL);
}

static void
write_file(const char *path, const gnutls_datum_t *first, const gnutls_datum_t *second)
{
	int			file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (file < 0 || write(file, first->data, first->size) != first->size ||
		(second != NULL && write(file, second->data, second->size) != second->size) ||
		close(file) != 0)
		exit(EXIT_FAILURE);
}

/*
 * Make a certificate and its key, in files NAME.crt and NAME.key; of an issuer,
 * whose certificate then follows it in the file, or of itself.
 */
static void
make_certificate(const char *name, gnutls_x509_crt_t issuer,
				 gnutls_x509_privkey_t issuer_key, gnutls_x509_crt_t *certificate,
				 gnutls_x509_privkey_t *key)
{
	char	   *certificate_file = path_of(name, ".crt");
	char	   *key_file = path_of(name, ".key");
	gnutls_datum_t pem;
	gnutls_datum_t issuer_pem;
	gnutls_datum_t key_pem;
	time_t		now = time(NULL);
	bool		own = issuer == NULL;

	if (gnutls_x509_privkey_init(key) < 0 ||
		gnutls_x509_privkey_generate(*key, GNUTLS_PK_ECDSA,
									 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) < 0 ||
		gnutls_x509_crt_init(certificate) < 0 ||
		gnutls_x509_crt_set_version(*certificate, 3) < 0 ||
		gnutls_x509_crt_set_serial(*certificate, name, strlen(name)) < 0 ||
		gnutls_x509_crt_set_dn_by_oid(*certificate, GNUTLS_OID_X520_COMMON_NAME, 0,
									  name, strlen(name)) < 0 ||
		gnutls_x509_crt_set_activation_time(*certificate, now - 3600) < 0 ||
		gnutls_x509_crt_set_expiration_time(*certificate, now + 86400) < 0 ||
		gnutls_x509_crt_set_basic_constraints(*certificate, own, -1) < 0 ||
		gnutls_x509_crt_set_key(*certificate, *key) < 0 ||
		gnutls_x509_crt_sign2(*certificate, own ? *certificate : issuer,
							  own ? *key : issuer_key, GNUTLS_DIG_SHA256, 0) < 0 ||
		gnutls_x509_crt_export2(*certificate, GNUTLS_X509_FMT_PEM, &pem) < 0 ||
		gnutls_x509_crt_export2(own ? *certificate : issuer, GNUTLS_X509_FMT_PEM, &issuer_pem) < 0 ||
		gnutls_x509_privkey_export2(*key, GNUTLS_X509_FMT_PEM, &key_pem) < 0)
		exit(EXIT_FAILURE);

	write_file(certificate_file, &pem, own ? NULL : &issuer_pem);
	write_file(key_file, &key_pem, NULL);
	gnutls_free(pem.data);
	gnutls_free(issuer_pem.data);
	gnutls_free(key_pem.data);
	free(certificate_file);
	free(key_file);
}

/*
 * Load a certificate and a key.
 */
static bool
load(const char *certificate, const char *key)
{
	Config		config = {0};
	bool		loaded;

	config.tls_certificate = path_of(certificate, ".crt");
	config.tls_key = path_of(key, ".key");
	loaded = tls_load(&config);
	free(config.tls_certificate);
	free(config.tls_key);
	return loaded;
}

int
main(void)
{
	static const char *const names[] = {"root", "leaf", "other", NULL};
	gnutls_x509_crt_t root;
	gnutls_x509_crt_t leaf;
	gnutls_x509_crt_t other;
	gnutls_x509_privkey_t root_key;
	gnutls_x509_privkey_t leaf_key;
	gnutls_x509_privkey_t other_key;
	gnutls_datum_t junk = {(unsigned char *) "no PEM\n", 7};
	char	   *key_file;
	char	   *junk_file;
	End			client;
	End			server;

	if (mkdtemp(folder) == NULL)
		return EXIT_FAILURE;
	make_certificate("root", NULL, NULL, &root, &root_key);
	make_certificate("leaf", root, root_key, &leaf, &leaf_key);
	make_certificate("other", NULL, NULL, &other, &other_key);
	junk_file = path_of("junk", ".crt");
	write_file(junk_file, &junk, NULL);
	gnutls_certificate_allocate_credentials(&server_credentials);
	gnutls_certificate_allocate_credentials(&client_credentials);
	gnutls_certificate_set_retrieve_function3(server_credentials, tls_certificate_callback2());

	/* first there is none to keep */
	tap_ok(!load("absent", "leaf"), "a certificate that is not there");
	tap_ok(load("leaf", "leaf"), "a certificate with its issuer's");
	check_string(connect_with("NORMAL"), "leaf 2", "both are shown");
	check_string(connect_with("NORMAL:-VERS-ALL:+VERS-TLS1.2"), "leaf 2", "over TLS 1.2");
	check_string(connect_with("NORMAL:-VERS-ALL:+VERS-TLS1.3"), "leaf 2", "over TLS 1.3");
	check_string(connect_with("NORMAL:-VERS-ALL:+VERS-TLS1.1"), "failed", "not over TLS 1.1");

	tap_ok(!load("absent", "leaf"), "a certificate that is not there, later");
	tap_ok(!load("leaf", "absent"), "a key that is not there");
	tap_ok(!load("junk", "leaf"), "a file that is no certificate");
	tap_ok(!load("leaf", "other"), "the key of another certificate");
	key_file = path_of("other", ".key");
	chmod(key_file, 0644);
	tap_ok(!load("other", "other"), "a key that others can read");
	chmod(key_file, 0600);
	check_string(connect_with("NORMAL"), "leaf 2", "what was loaded is still there");

	/* the server has read the first message, and chosen, but not signed yet */
	end_open(&client, &server, GNUTLS_CLIENT, "NORMAL", client_credentials);
	end_open(&server, &client, GNUTLS_SERVER, tls_priorities(), server_credentials);
	server.full = true;
	end_step(&client);
	end_step(&server);
	tap_ok(!client.done && !server.done, "a handshake is under way");
	tap_ok(load("other", "other"), "another certificate is loaded");
	server.full = false;
	tap_ok(finish(&client, &server), "the handshake comes to its end");
	check_string(shown(&client), "leaf 2", "with the certificate it began with");
	check_string(connect_with("NORMAL"), "other 1", "the next has the new one");
	end_close(&client);
	end_close(&server);

	/* one that never ends leaves nothing behind, as LeakSanitizer sees */
	end_open(&client, &server, GNUTLS_CLIENT, "NORMAL", client_credentials);
	end_open(&server, &client, GNUTLS_SERVER, tls_priorities(), server_credentials);
	end_step(&client);
	end_step(&server);
	tap_ok(load("leaf", "leaf"), "a load while a client has gone away");
	end_close(&client);
	end_close(&server);

	gnutls_certificate_free_credentials(server_credentials);
	gnutls_certificate_free_credentials(client_credentials);
	gnutls_x509_crt_deinit(root);
	gnutls_x509_crt_deinit(leaf);
	gnutls_x509_crt_deinit(other);
	gnutls_x509_privkey_deinit(root_key);
	gnutls_x509_privkey_deinit(leaf_key);
	gnutls_x509_privkey_deinit(other_key);
	unlink(junk_file);
	free(junk_file);
	free(key_file);
	for (const char *const *name = names; *name != NULL; name++)
	{
		char	   *certificate_file = path_of(*name, ".crt");

		key_file = path_of(*name, ".key");
		unlink(certificate_file);
		unlink(key_file);
		free(certificate_file);
		free(key_file);
	}
	rmdir(folder);
	return tap_end();
}
