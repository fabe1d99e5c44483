#!/bin/bash
# Everything SQS does, by the AWS CLI that QUEUE_AWS names: all actions, with
# the shorthand and the JSON that its users write.
set -uo pipefail

aws=${QUEUE_AWS:-aws}
count=0
failed=0
actions=' '

# ok NAME STATUS [REMARK]
ok()
{
	count=$((count + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $count - $1"
	else
		failed=$((failed + 1))
		echo "not ok $count - $1"
		[ -z "${3:-}" ] || printf '#   %s\n' "$3"
	fi
}

# equal NAME GOT EXPECTED
equal()
{
	local status=0

	[ "$2" = "$3" ] || status=1
	ok "$1" "$status" "got: $2, expected: $3"
}

# Each action is noted by who calls it: a function in $(...) could not.
sqs()
{
	"$aws" sqs --endpoint-url "$AWS_ENDPOINT_URL" --output text "$@" 2>&1
}

# call ACTION ARGUMENT...: must succeed, and says nothing that matters.
call()
{
	local answer status=0

	actions+="$1 "
	answer=$(sqs "$@") || status=$?
	ok "$1" "$status" "$answer"
}

# ask NAME EXPECTED ACTION ARGUMENT...: its answer must be that.
ask()
{
	local name=$1 expected=$2 answer
	shift 2

	actions+="$1 "
	answer=$(sqs "$@")
	equal "$name" "$answer" "$expected"
}

# get VARIABLE ACTION ARGUMENT...: keeps its answer, which must not be empty.
get()
{
	local -n variable=$1
	local name=$2 status=0
	shift

	actions+="$1 "
	variable=$(sqs "$@") || status=$?
	case $variable in
		'' | None) status=1 ;;
	esac
	ok "$name gives something" "$status" "$variable"
}

# refused NAME CODE ACTION ARGUMENT...
refused()
{
	local name=$1 code=$2 answer status=0
	shift 2

	answer=$(sqs "$@") && status=1
	[[ $answer == *"($code)"* ]] || status=1
	ok "$name" "$status" "$answer"
}

name=cli-$$
# shellcheck disable=SC2034 # of some it is enough that there is one
url='' dead='' fifo='' arn='' handle='' again='' some='' task=''

# Queues
get url create-queue --queue-name "$name" --attributes VisibilityTimeout=600 \
	--tags team=blue,size=big --query QueueUrl
ask 'a queue is found by its name' "$url" get-queue-url --queue-name "$name" --query QueueUrl
ask 'and by a prefix' "$url" list-queues --queue-name-prefix "$name" --query QueueUrls
call set-queue-attributes --queue-url "$url" --attributes '{"DelaySeconds": "0", "MaximumMessageSize": "1024"}'
ask 'an attribute is what it was set to' "$(printf '1024\t600')" get-queue-attributes \
	--queue-url "$url" --attribute-names MaximumMessageSize VisibilityTimeout \
	--query 'Attributes.[MaximumMessageSize,VisibilityTimeout]'
call tag-queue --queue-url "$url" --tags 'team=green'
call untag-queue --queue-url "$url" --tag-keys size
ask 'and so are tags' green list-queue-tags --queue-url "$url" --query 'Tags.*'
call add-permission --queue-url "$url" --label mine --aws-account-ids 111111111111 \
	--actions SendMessage
get some get-queue-attributes --queue-url "$url" --attribute-names Policy --query Attributes.Policy
call remove-permission --queue-url "$url" --label mine

# Messages. Of a binary value the first release of the CLI takes the bytes, the
# second takes them in base64; both show base64.
bytes='AAEC/w=='
case $("$aws" --version 2>&1) in
	aws-cli/1.*) shown=$(printf %s "$bytes" | base64) ;;
	*) shown=$bytes ;;
esac
body=$'grüße <a>&amp;"\t€ 😀'
ask 'the digest of what is sent' "$(printf %s "$body" | md5sum | cut -d ' ' -f 1)" send-message \
	--queue-url "$url" --message-body "$body" --message-attributes \
	'{"text": {"DataType": "String", "StringValue": "x"}, "bytes": {"DataType": "Binary", "BinaryValue": "'"$bytes"'"}}' \
	--query MD5OfMessageBody
get handle receive-message --queue-url "$url" --wait-time-seconds 20 --visibility-timeout 0 \
	--query 'Messages[0].ReceiptHandle'
ask 'a message comes back' "$body" receive-message --queue-url "$url" --wait-time-seconds 20 \
	--visibility-timeout 0 --query 'Messages[0].Body'
ask 'with its attributes' "$(printf 'x\t%s\t3' "$shown")" receive-message --queue-url "$url" \
	--wait-time-seconds 20 --message-attribute-names All --attribute-names All --query \
	'Messages[0].[MessageAttributes.text.StringValue,MessageAttributes.bytes.BinaryValue,Attributes.ApproximateReceiveCount]'
call change-message-visibility --queue-url "$url" --receipt-handle "$handle" --visibility-timeout 0
get again receive-message --queue-url "$url" --wait-time-seconds 20 --query 'Messages[0].ReceiptHandle'
call delete-message --queue-url "$url" --receipt-handle "$again"
ask 'nothing is left' None receive-message --queue-url "$url" --query Messages

# Batches
ask 'one of two is sent' "$(printf 'good\tlong')" send-message-batch --queue-url "$url" --entries \
	'[{"Id": "good", "MessageBody": "one"}, {"Id": "long", "MessageBody": "'"$(printf '%1025s' '' | tr ' ' x)"'"}]' \
	--query '[Successful[0].Id,Failed[0].Id]'
get handle receive-message --queue-url "$url" --wait-time-seconds 20 --query 'Messages[0].ReceiptHandle'
ask 'one of two is changed' "$(printf 'a\tb')" change-message-visibility-batch --queue-url "$url" \
	--entries "Id=a,ReceiptHandle=$handle,VisibilityTimeout=60" \
	Id=b,ReceiptHandle=garbage,VisibilityTimeout=60 --query '[Successful[0].Id,Failed[0].Id]'
ask 'one of two is deleted' "$(printf 'a\tReceiptHandleIsInvalid')" delete-message-batch \
	--queue-url "$url" --entries "Id=a,ReceiptHandle=$handle" Id=b,ReceiptHandle=garbage \
	--query '[Successful[0].Id,Failed[0].Code]'

# Dead letters
get dead create-queue --queue-name "$name-dead" --query QueueUrl
get arn get-queue-attributes --queue-url "$dead" --attribute-names QueueArn \
	--query Attributes.QueueArn
call set-queue-attributes --queue-url "$url" --attributes \
	'{"RedrivePolicy": "{\"deadLetterTargetArn\": \"'"$arn"'\", \"maxReceiveCount\": \"1\"}", "VisibilityTimeout": "0"}'
ask 'a dead-letter queue knows its source' "$url" list-dead-letter-source-queues \
	--queue-url "$dead" --query queueUrls
call send-message --queue-url "$url" --message-body poison
ask 'a message is received once' poison receive-message --queue-url "$url" --wait-time-seconds 20 \
	--query 'Messages[0].Body'
ask 'and no more' None receive-message --queue-url "$url" --query Messages
ask 'it is in the dead-letter queue then' poison receive-message --queue-url "$dead" \
	--wait-time-seconds 20 --visibility-timeout 0 --query 'Messages[0].Body'
if "$aws" sqs list-message-move-tasks --generate-cli-skeleton >/dev/null 2>&1; then
	get task start-message-move-task --source-arn "$arn" --max-number-of-messages-per-second 1 \
		--query TaskHandle
	ask 'a task moves it back' poison receive-message --queue-url "$url" --wait-time-seconds 20 \
		--query 'Messages[0].Body'
	get some list-message-move-tasks --source-arn "$arn" --query 'Results[0].Status'
	refused 'a task that there is not' ResourceNotFoundException cancel-message-move-task \
		--task-handle "$(printf '{"taskId":"%s","sourceArn":"%s"}' \
			01234567-89ab-cdef-0123-456789abcdef "$arn" | base64 -w 0)"
	actions+='cancel-message-move-task '
fi

# FIFO queues
get fifo create-queue --queue-name "$name.fifo" --attributes FifoQueue=true --query QueueUrl
for group in a b a; do
	call send-message --queue-url "$fifo" --message-body "$group" --message-group-id "$group" \
		--message-deduplication-id "$group"
done
ask 'each group has its first' "$(printf 'a\tb')" receive-message --queue-url "$fifo" \
	--wait-time-seconds 20 --max-number-of-messages 10 --query 'Messages[].Body'

# Errors
refused 'an unknown queue' AWS.SimpleQueueService.NonExistentQueue get-queue-url \
	--queue-name "$name-not"
refused 'a bad handle' ReceiptHandleIsInvalid delete-message --queue-url "$url" \
	--receipt-handle garbage

call purge-queue --queue-url "$url"
for queue in "$url" "$dead" "$fifo"; do
	call delete-queue --queue-url "$queue"
done

# What was not called, of what it knows
missing=
for action in add-permission cancel-message-move-task change-message-visibility \
	change-message-visibility-batch create-queue delete-message delete-message-batch delete-queue \
	get-queue-attributes get-queue-url list-dead-letter-source-queues list-message-move-tasks \
	list-queue-tags list-queues purge-queue receive-message remove-permission send-message \
	send-message-batch set-queue-attributes start-message-move-task tag-queue untag-queue; do
	if [[ $actions != *" $action "* ]] && [[ -n $task || $action != *move-task* ]]; then
		missing+=" $action"
	fi
done
equal 'no action was left out' "$missing" ''
echo "1..$count"
[ "$failed" -eq 0 ]
