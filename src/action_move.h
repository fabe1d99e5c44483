/*-------------------------------------------------------------------------
 *
 * action_move.h
 *		Actions on message move tasks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACTION_MOVE_H
#define QUEUE_ACTION_MOVE_H

#include "utils/jsonb.h"

extern void action_start_message_move_task(JsonbContainer *request, StringInfo answer);
extern void action_list_message_move_tasks(JsonbContainer *request, StringInfo answer);
extern void action_cancel_message_move_task(JsonbContainer *request, StringInfo answer);

#endif							/* QUEUE_ACTION_MOVE_H */
