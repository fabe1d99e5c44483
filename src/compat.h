/*-------------------------------------------------------------------------
 *
 * compat.h
 *		What differs between the PostgreSQL releases we build on, 15 to 18.
 *
 * The code is written against the newest spelling where that reads well; this
 * header supplies it on the older releases.  It has no code of its own.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_COMPAT_H
#define QUEUE_COMPAT_H

#include "catalog/pg_namespace.h"
#include "utils/acl.h"

/* 16 replaced the per-catalog privilege checks by one */
#if PG_VERSION_NUM >= 160000
#define compat_namespace_aclcheck(nspoid, roleid, mode) \
	object_aclcheck(NamespaceRelationId, nspoid, roleid, mode)
#else
#define compat_namespace_aclcheck(nspoid, roleid, mode) \
	pg_namespace_aclcheck(nspoid, roleid, mode)
#endif

#endif							/* QUEUE_COMPAT_H */
