/*-------------------------------------------------------------------------
 *
 * action_send.h
 *		SendMessage and SendMessageBatch.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACTION_SEND_H
#define QUEUE_ACTION_SEND_H

#include "action_each.h"

extern void action_send_message(JsonbContainer *request, StringInfo answer);
extern void action_send_message_each(ActionCalls *calls);
extern void action_send_message_batch(JsonbContainer *request, StringInfo answer);

#endif							/* QUEUE_ACTION_SEND_H */
