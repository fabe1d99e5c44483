/*-------------------------------------------------------------------------
 *
 * errors.h
 *		The table of SQS errors: one SQLSTATE for each error shape.
 *
 * Shared by the module and by frontend programs: it includes nothing and
 * expands only where a user of the list says how.  Each line is
 *
 *	X(symbol, SQLSTATE, shape, query code, HTTP status)
 *
 * Shape is the name in SQS's service model (the tail of "__type"); query code
 * is the older name that the Query protocol and x-amzn-query-error carry.
 * Source: SQS's service model and its recorded answers.  The SQLSTATEs are of
 * our own class SQ, except where PostgreSQL has one that says just that.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ERRORS_H
#define QUEUE_ERRORS_H

#define SQS_ERROR_LIST(X) \
	X(QUEUE_DOES_NOT_EXIST, "SQ001", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", 400) \
	X(QUEUE_NAME_EXISTS, "SQ002", "QueueNameExists", "QueueAlreadyExists", 400) \
	X(QUEUE_DELETED_RECENTLY, "SQ003", "QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently", 400) \
	X(INVALID_ATTRIBUTE_NAME, "SQ004", "InvalidAttributeName", "InvalidAttributeName", 400) \
	X(INVALID_ATTRIBUTE_VALUE, "SQ005", "InvalidAttributeValue", "InvalidAttributeValue", 400) \
	X(INVALID_MESSAGE_CONTENTS, "SQ006", "InvalidMessageContents", "InvalidMessageContents", 400) \
	X(RECEIPT_HANDLE_IS_INVALID, "SQ007", "ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 404) \
	X(INVALID_ID_FORMAT, "SQ008", "InvalidIdFormat", "InvalidIdFormat", 400) \
	X(MESSAGE_NOT_INFLIGHT, "SQ009", "MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight", 400) \
	X(OVER_LIMIT, "SQ010", "OverLimit", "OverLimit", 403) \
	X(PURGE_QUEUE_IN_PROGRESS, "SQ011", "PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress", 403) \
	X(EMPTY_BATCH_REQUEST, "SQ012", "EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest", 400) \
	X(TOO_MANY_ENTRIES_IN_BATCH_REQUEST, "SQ013", "TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400) \
	X(BATCH_ENTRY_IDS_NOT_DISTINCT, "SQ014", "BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400) \
	X(INVALID_BATCH_ENTRY_ID, "SQ015", "InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId", 400) \
	X(BATCH_REQUEST_TOO_LONG, "SQ016", "BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong", 400) \
	X(UNSUPPORTED_OPERATION, "SQ017", "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", 400) \
	X(RESOURCE_NOT_FOUND, "SQ018", "ResourceNotFoundException", "ResourceNotFoundException", 404) \
	X(REQUEST_THROTTLED, "SQ019", "RequestThrottled", "RequestThrottled", 403) \
	X(INVALID_ADDRESS, "SQ020", "InvalidAddress", "InvalidAddress", 404) \
	X(INVALID_SECURITY, "SQ021", "InvalidSecurity", "InvalidSecurity", 403) \
	X(INVALID_PARAMETER_VALUE, "SQ022", "InvalidParameterValueException", "InvalidParameterValue", 400) \
	X(MISSING_PARAMETER, "SQ023", "MissingRequiredParameterException", "MissingParameter", 400) \
	X(UNKNOWN_OPERATION, "SQ024", "UnknownOperationException", "InvalidAction", 404) \
	X(SERIALIZATION, "SQ025", "SerializationException", "SerializationException", 400) \
	X(UNRECOGNIZED_CLIENT, "SQ026", "UnrecognizedClientException", "InvalidClientTokenId", 403) \
	X(KMS_ACCESS_DENIED, "SQ030", "KmsAccessDenied", "KMS.AccessDeniedException", 400) \
	X(KMS_DISABLED, "SQ031", "KmsDisabled", "KMS.DisabledException", 400) \
	X(KMS_INVALID_KEY_USAGE, "SQ032", "KmsInvalidKeyUsage", "KMS.InvalidKeyUsageException", 400) \
	X(KMS_INVALID_STATE, "SQ033", "KmsInvalidState", "KMS.InvalidStateException", 400) \
	X(KMS_NOT_FOUND, "SQ034", "KmsNotFound", "KMS.NotFoundException", 400) \
	X(KMS_OPT_IN_REQUIRED, "SQ035", "KmsOptInRequired", "KMS.OptInRequired", 403) \
	X(KMS_THROTTLED, "SQ036", "KmsThrottled", "KMS.ThrottlingException", 400) \
	X(ACCESS_DENIED, "42501", "AccessDeniedException", "AccessDenied", 403)

typedef enum SqsError
{
#define SQS_ERROR_SYMBOL(symbol, sqlstate, shape, code, status) SQS_##symbol,
	SQS_ERROR_LIST(SQS_ERROR_SYMBOL)
#undef SQS_ERROR_SYMBOL
	SQS_ERROR_COUNT
} SqsError;

#endif							/* QUEUE_ERRORS_H */
