/*-------------------------------------------------------------------------
 *
 * action_receipt.h
 *		DeleteMessage, ChangeMessageVisibility, and both of them in batches.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACTION_RECEIPT_H
#define QUEUE_ACTION_RECEIPT_H

#include "action_each.h"

extern void action_change_message_visibility(JsonbContainer *request, StringInfo answer);
extern void action_change_message_visibility_each(ActionCalls *calls);
extern void action_change_message_visibility_batch(JsonbContainer *request, StringInfo answer);
extern void action_change_message_visibility_batch_each(ActionCalls *calls);
extern void action_delete_message(JsonbContainer *request, StringInfo answer);
extern void action_delete_message_each(ActionCalls *calls);
extern void action_delete_message_batch(JsonbContainer *request, StringInfo answer);
extern void action_delete_message_batch_each(ActionCalls *calls);
extern void action_return_messages(JsonbContainer *request, StringInfo answer);
extern void action_return_messages_each(ActionCalls *calls);

#endif							/* QUEUE_ACTION_RECEIPT_H */
