/*-------------------------------------------------------------------------
 *
 * action_queue.h
 *		Actions on queues, their attributes, tags and permissions.
 *
 * Each reads its request, does what the SQL call of the same name does, and
 * writes the members of its answer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACTION_QUEUE_H
#define QUEUE_ACTION_QUEUE_H

#include "utils/jsonb.h"

extern void action_add_permission(JsonbContainer *request, StringInfo answer);
extern void action_create_queue(JsonbContainer *request, StringInfo answer);
extern void action_delete_queue(JsonbContainer *request, StringInfo answer);
extern void action_get_queue_attributes(JsonbContainer *request, StringInfo answer);
extern void action_get_queue_url(JsonbContainer *request, StringInfo answer);
extern void action_list_dead_letter_source_queues(JsonbContainer *request, StringInfo answer);
extern void action_list_queues(JsonbContainer *request, StringInfo answer);
extern void action_list_queue_tags(JsonbContainer *request, StringInfo answer);
extern void action_purge_queue(JsonbContainer *request, StringInfo answer);
extern void action_remove_permission(JsonbContainer *request, StringInfo answer);
extern void action_set_queue_attributes(JsonbContainer *request, StringInfo answer);
extern void action_tag_queue(JsonbContainer *request, StringInfo answer);
extern void action_untag_queue(JsonbContainer *request, StringInfo answer);

#endif							/* QUEUE_ACTION_QUEUE_H */
