/*-------------------------------------------------------------------------
 *
 * secret.c
 *		Memory for keys.
 *
 * Keys that a backend keeps are in a few pages of their own, where nothing else
 * is.  These are left out of core dumps and kept from the swap where the system
 * can do that, and overwritten when the backend exits.  Memory contexts give
 * none of this: a chunk that is freed keeps what was in it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/mman.h>

#include <openssl/crypto.h>

#include "storage/ipc.h"
#include "utils/palloc.h"

#include "secret.h"

#if !defined(MAP_ANONYMOUS) && defined(MAP_ANON)
#define MAP_ANONYMOUS MAP_ANON
#endif

typedef struct SecretPages
{
	unsigned char room[SECRET_MAX][SECRET_LENGTH];
} SecretPages;

static SecretPages *pages = NULL;
static bool used[SECRET_MAX];

/*
 * Overwrite what is secret.
 */
void
secret_wipe(void *bytes, size_t length)
{
	OPENSSL_cleanse(bytes, length);
}

static void
secret_exit(int code, Datum arg)
{
	secret_wipe(pages, sizeof(SecretPages));
}

/*
 * Have the pages.  A system that cannot protect them is no reason to fail: the
 * limit of locked memory is low in many places.
 */
static void
secret_map(void)
{
	void	   *mapped = mmap(NULL, sizeof(SecretPages), PROT_READ | PROT_WRITE,
							  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mapped == MAP_FAILED)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("could not map memory for keys: %m")));
#ifdef MADV_DONTDUMP
	(void) madvise(mapped, sizeof(SecretPages), MADV_DONTDUMP);
#endif
	(void) mlock(mapped, sizeof(SecretPages));
	pages = mapped;
	on_proc_exit(secret_exit, (Datum) 0);
}

/*
 * Room for a key.
 */
unsigned char *
secret_alloc(void)
{
	if (pages == NULL)
		secret_map();
	for (int i = 0; i < SECRET_MAX; i++)
	{
		if (!used[i])
		{
			used[i] = true;
			return pages->room[i];
		}
	}
	elog(ERROR, "too many keys are in use");
}

/*
 * Wipe a key.
 */
void
secret_free(unsigned char *secret)
{
	size_t		i = (secret - pages->room[0]) / SECRET_LENGTH;

	Assert(i < SECRET_MAX && used[i] && secret == pages->room[i]);
	secret_wipe(secret, SECRET_LENGTH);
	used[i] = false;
}

struct SecretCopy
{
	MemoryContextCallback callback;
	unsigned char *secret;		/* NULL: dropped */
};

/*
 * Callback: the memory context that a copy is in is reset or deleted.
 */
static void
drop_callback(void *arg)
{
	secret_drop(arg);
}

SecretCopy *
secret_copy(const unsigned char *secret)
{
	SecretCopy *copy = palloc0(sizeof(SecretCopy));

	copy->callback.func = drop_callback;
	copy->callback.arg = copy;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &copy->callback);
	copy->secret = secret_alloc();
	memcpy(copy->secret, secret, SECRET_LENGTH);
	return copy;
}

const unsigned char *
secret_copied(const SecretCopy *copy)
{
	return copy->secret;
}

void
secret_drop(SecretCopy *copy)
{
	if (copy->secret != NULL)
		secret_free(copy->secret);
	copy->secret = NULL;
}
