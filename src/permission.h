/*-------------------------------------------------------------------------
 *
 * permission.h
 *		Permissions: what the SQL calls and the door for programs do with them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_PERMISSION_H
#define QUEUE_PERMISSION_H

#include "utils/array.h"

/* Arguments are those of the SQL calls; NULL for what was not given */
extern void permission_add(const text *reference, const text *label,
						   ArrayType *account_ids, ArrayType *actions);
extern void permission_remove(const text *reference, const text *label);

#endif							/* QUEUE_PERMISSION_H */
