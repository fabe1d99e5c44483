/*-------------------------------------------------------------------------
 *
 * action_receive.h
 *		ReceiveMessage.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACTION_RECEIVE_H
#define QUEUE_ACTION_RECEIVE_H

#include "utils/jsonb.h"

extern void action_receive_message(JsonbContainer *request, JsonbParseState **answer);

#endif							/* QUEUE_ACTION_RECEIVE_H */
