/*-------------------------------------------------------------------------
 *
 * masterkey.c
 *		The master keys, which the database does not have.
 *
 * They come from a file of the server or from a command, so that a dump, a
 * backup of the data directory or a look at a table does not give away what is
 * encrypted with them.  There may be several (keyring.c).
 *
 * A backend reads them when it first needs one and keeps them, in memory of
 * which secret.c takes care, until it reads its configuration again: whoever
 * changes the keys reloads the server.  Not all backends do that at the same
 * time, so who meets a key that it does not know looks whether that is a new one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "compat.h"
#include "masterkey.h"
#include "settings.h"

/* How long keys that are missing are not looked for again, in microseconds */
#define MISSING_INTERVAL USECS_PER_SEC

#define WHAT "master key"

static Keyring ring;

/* When the configuration was read that the keys are of, and when they were */
static TimestampTz ring_reloaded_at = 0;
static TimestampTz ring_read_at = 0;
static TimestampTz ring_tried_at = 0;	/* as ring_reloaded_at, also if that
										 * failed */
static uint64 generation = 0;

/*
 * Whether there are to be keys.
 */
bool
masterkey_configured(void)
{
	return setting_master_key_file[0] != '\0' || setting_master_key_command[0] != '\0';
}

/*
 * Read the keys, and forget those that there were: not before, as the file may
 * just be written.  What is wrong with it is an error of this level.
 */
static void
read_keys(int elevel)
{
	Keyring		read;
	bool		good;

	if (setting_master_key_file[0] != '\0' && setting_master_key_command[0] != '\0')
	{
		ereport(elevel,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("both queue.master_key_file and queue.master_key_command are set"),
				 errhint("Set one of them, and reload the configuration.")));
		good = false;
	}
	else if (setting_master_key_file[0] != '\0')
		good = keyring_read_file(WHAT, setting_master_key_file, elevel, &read);
	else
		good = keyring_read_command(WHAT, setting_master_key_command, elevel, &read);
	ring_read_at = GetCurrentTimestamp();
	ring_tried_at = PgReloadTime;
	if (!good)
		return;
	keyring_forget(&ring);
	ring = read;
	ring_reloaded_at = PgReloadTime;
	generation++;
}

/*
 * Whether there are keys to be had; if not, those that there were are forgotten.
 */
static bool
still_configured(void)
{
	if (masterkey_configured())
		return true;
	keyring_forget(&ring);
	generation++;
	return false;
}

/*
 * The keys.
 */
const Keyring *
masterkey_ring(void)
{
	if (!still_configured())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is no master key"),
				 errhint("Make one with \"openssl rand -hex 32\" in a file that only the server can read, set queue.master_key_file to its path, and reload the configuration.")));
	if (ring.count == 0 || ring_reloaded_at != PgReloadTime)
		read_keys(ERROR);
	return &ring;
}

/*
 * The key with a fingerprint.  It may be a new one; but if the keys cannot be read
 * just now, those that are known are good for other messages.
 */
const unsigned char *
masterkey_find(uint32 fingerprint)
{
	const unsigned char *key = NULL;

	if (!still_configured())
		return NULL;
	if (ring_tried_at != PgReloadTime)
		read_keys(LOG);
	if (ring.count > 0)
		key = keyring_find(&ring, fingerprint);
	if (key == NULL && GetCurrentTimestamp() - ring_read_at >= MISSING_INTERVAL)
	{
		read_keys(LOG);
		key = keyring_find(&ring, fingerprint);
	}
	return key;
}

/*
 * Whether the keys may have changed.
 */
uint64
masterkey_generation(void)
{
	return generation;
}

/*
 * Encrypt.
 */
bytea *
masterkey_seal(const char *purpose, const char *context, const void *data, Size length)
{
	return keyring_seal(masterkey_ring(), purpose, context, strlen(context), data, length);
}

/*
 * Decrypt.
 */
bool
masterkey_unseal(const char *purpose, const char *context, const bytea *sealed,
				 char **data, Size *length)
{
	uint32		fingerprint;

	return keyring_sealed_with(sealed, &fingerprint) &&
		masterkey_find(fingerprint) != NULL &&
		keyring_unseal(&ring, purpose, context, strlen(context), sealed, data, length);
}
