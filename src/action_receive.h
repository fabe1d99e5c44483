/*-------------------------------------------------------------------------
 *
 * action_receive.h
 *		ReceiveMessage.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACTION_RECEIVE_H
#define QUEUE_ACTION_RECEIVE_H

#include "action_each.h"

extern void action_receive_message(JsonbContainer *request, StringInfo answer);
extern void action_receive_message_each(ActionCalls *calls);

#endif							/* QUEUE_ACTION_RECEIVE_H */
