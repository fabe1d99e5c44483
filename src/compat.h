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

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"

/* Some files are linked into programs, too, which have no catalogs */
#ifndef FRONTEND
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "utils/acl.h"
#endif

/* 16 moved the macros for varlena values out of postgres.h */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 18 has a prefix for functions that do not return */
#ifndef pg_noreturn
#define pg_noreturn pg_attribute_noreturn()
#endif

/* 17 renamed what shared memory has of transaction ids */
#if PG_VERSION_NUM < 170000
#define TransamVariables ShmemVariableCache
#endif

/* 16 replaced the per-catalog privilege checks by one */
#if PG_VERSION_NUM >= 160000
#define compat_namespace_aclcheck(nspoid, roleid, mode) \
	object_aclcheck(NamespaceRelationId, nspoid, roleid, mode)
#else
#define compat_namespace_aclcheck(nspoid, roleid, mode) \
	pg_namespace_aclcheck(nspoid, roleid, mode)
#endif

#if PG_VERSION_NUM >= 160000
#define compat_function_aclcheck(function, roleid, mode) \
	object_aclcheck(ProcedureRelationId, function, roleid, mode)
#else
#define compat_function_aclcheck(function, roleid, mode) \
	pg_proc_aclcheck(function, roleid, mode)
#endif

#if PG_VERSION_NUM >= 160000
#define compat_database_ownercheck(database, roleid) \
	object_ownercheck(DatabaseRelationId, database, roleid)
#define compat_extension_ownercheck(extension, roleid) \
	object_ownercheck(ExtensionRelationId, extension, roleid)
#else
#define compat_database_ownercheck(database, roleid) \
	pg_database_ownercheck(database, roleid)
#define compat_extension_ownercheck(extension, roleid) \
	pg_extension_ownercheck(extension, roleid)
#endif

/* 16 lets membership without the right to SET ROLE be granted */
#if PG_VERSION_NUM >= 160000
#define compat_may_set_role(member, role) member_can_set_role(member, role)
#else
#define compat_may_set_role(member, role) is_member_of_role(member, role)
#endif

/* 16 ended that CREATEROLE is the right to grant any role but superusers */
#if PG_VERSION_NUM >= 160000
#define compat_may_grant_any_role(role) false
#else
#define compat_may_grant_any_role(role) has_createrole_privilege(role)
#endif

/* 16 tells which indexes an update concerns */
#if PG_VERSION_NUM >= 160000
#define compat_heap_update(rel, tid, tuple, cid, failure, mode) \
	heap_update(rel, tid, tuple, cid, InvalidSnapshot, true, failure, mode, \
				&(TU_UpdateIndexes) {TU_None})
#else
#define compat_heap_update(rel, tid, tuple, cid, failure, mode) \
	heap_update(rel, tid, tuple, cid, InvalidSnapshot, true, failure, mode)
#endif

/* for symmetry with the update; the parameters are the same in 15 to 18 */
#define compat_heap_delete(rel, tid, cid, wait, failure) \
	heap_delete(rel, tid, cid, InvalidSnapshot, wait, failure, false)

/* 18 counts index searches for EXPLAIN, and knows deferrable keys */
#if PG_VERSION_NUM >= 180000
#define compat_index_beginscan(heap, index, snapshot, nkeys) \
	index_beginscan(heap, index, snapshot, NULL, nkeys, 0)
#define compat_primary_key(rel) RelationGetPrimaryKeyIndex(rel, false)
#else
#define compat_index_beginscan(heap, index, snapshot, nkeys) \
	index_beginscan(heap, index, snapshot, nkeys, 0)
#define compat_primary_key(rel) RelationGetPrimaryKeyIndex(rel)
#endif

/* 18 takes bytes as uint8 */
#if PG_VERSION_NUM >= 180000
#define compat_b64_encode(src, len, dst, dstlen) \
	pg_b64_encode((const uint8 *) (src), len, dst, dstlen)
#define compat_b64_decode(src, len, dst, dstlen) \
	pg_b64_decode(src, len, (uint8 *) (dst), dstlen)
#else
#define compat_b64_encode(src, len, dst, dstlen) pg_b64_encode(src, len, dst, dstlen)
#define compat_b64_decode(src, len, dst, dstlen) pg_b64_decode(src, len, dst, dstlen)
#endif

/* 17 lets extensions name their wait events */
#if PG_VERSION_NUM >= 170000
#define compat_wait_event() queue_wait_event()
#else
#define compat_wait_event() PG_WAIT_EXTENSION
#endif

/* 17 keeps the number of a session's transaction with that of the session */
#if PG_VERSION_NUM >= 170000
#define compat_my_lxid() (MyProc->vxid.lxid)
#else
#define compat_my_lxid() (MyProc->lxid)
#endif

/* 16 renamed the look at an entry of the activity of all sessions */
#if PG_VERSION_NUM >= 160000
#define compat_local_beentry(i) pgstat_get_local_beentry_by_index(i)
#else
#define compat_local_beentry(i) pgstat_fetch_stat_local_beentry(i)
#endif

/* 17 keeps the two parts of a lock's virtual transaction id together */
#if PG_VERSION_NUM >= 170000
#define compat_lock_vxid(held) ((held)->vxid)
#else
#define compat_lock_vxid(held) \
	((VirtualTransactionId) {(held)->backend, (held)->lxid})
#endif

/* 16 has an invalid slot hold back nothing; 17 knows since when one is unused */
#if PG_VERSION_NUM >= 160000
#define compat_slot_is_invalid(slot) ((slot)->data.invalidated != RS_INVAL_NONE)
#else
#define compat_slot_is_invalid(slot) false
#endif
#if PG_VERSION_NUM >= 170000
#define compat_slot_inactive_since(slot) ((slot)->inactive_since)
#else
#define compat_slot_inactive_since(slot) ((TimestampTz) 0)
#endif

/* 16 let the actions of a JSON parser return an error */
#if PG_VERSION_NUM >= 160000
typedef JsonParseErrorType CompatJsonResult;
#define COMPAT_JSON_SUCCESS JSON_SUCCESS
#else
typedef void CompatJsonResult;
#define COMPAT_JSON_SUCCESS
#endif

/* 17 let the caller of a JSON parser keep its memory */
#if PG_VERSION_NUM >= 170000
#define compat_json_lexer_for(text, length, encoding) \
	makeJsonLexContextCstringLen(NULL, text, length, encoding, true)
#else
#define compat_json_lexer_for(text, length, encoding) \
	makeJsonLexContextCstringLen(unconstify(char *, text), length, encoding, true)
#endif
#define compat_json_lexer(text, length) \
	compat_json_lexer_for(text, length, GetDatabaseEncoding())

#endif							/* QUEUE_COMPAT_H */
