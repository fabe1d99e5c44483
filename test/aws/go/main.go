// Everything SQS does, by aws-sdk-go-v2, which checks the digests of bodies
// itself and returns an error if one is wrong.
package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

var (
	ctx           = context.Background()
	client        *sqs.Client
	called        = map[string]bool{}
	count, failed int
	made          int
)

func ok(condition bool, name string, remarks ...interface{}) {
	count++
	word := "ok"
	if !condition {
		failed++
		word = "not ok"
	}
	fmt.Printf("%s %d - %s\n", word, count, name)
	if !condition {
		for _, remark := range remarks {
			fmt.Printf("#   %+v\n", remark)
		}
	}
}

func equal(got, expected interface{}, name string) {
	ok(reflect.DeepEqual(got, expected), name,
		fmt.Sprintf("got:      %#v", got), fmt.Sprintf("expected: %#v", expected))
}

// must ends a group of checks if a call has failed.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func group(name string, body func()) {
	fmt.Printf("# %s\n", name)
	defer func() {
		if problem := recover(); problem != nil {
			ok(false, name+" ends", problem)
		}
	}()
	body()
}

func unique(word string) string {
	made++
	return fmt.Sprintf("%s-go-%d-%d", word, os.Getpid(), made)
}

func makeQueue(word string, attributes map[string]string) *string {
	name := unique(word)
	if attributes["FifoQueue"] != "" {
		name += ".fifo"
	}
	answer, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{
		QueueName: &name, Attributes: attributes})
	must(err)
	return answer.QueueUrl
}

func attributesOf(url *string, names ...types.QueueAttributeName) map[string]string {
	answer, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: url, AttributeNames: names})
	must(err)
	return answer.Attributes
}

func arnOf(url *string) string {
	return attributesOf(url, types.QueueAttributeNameQueueArn)["QueueArn"]
}

func receive(url *string, max, wait int32) []types.Message {
	answer, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: max, WaitTimeSeconds: wait,
		AttributeNames:        []types.QueueAttributeName{types.QueueAttributeNameAll},
		MessageAttributeNames: []string{"All"}})
	must(err)
	return answer.Messages
}

func bodies(messages []types.Message) []string {
	list := []string{}
	for _, message := range messages {
		list = append(list, *message.Body)
	}
	return list
}

func send(url *string, body string) *sqs.SendMessageOutput {
	answer, err := client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: url, MessageBody: &body})
	must(err)
	return answer
}

func deleteQueue(url *string) {
	_, err := client.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: url})
	must(err)
}

// digest is that of attributes, as SQS documents it.
func digest(attributes map[string]types.MessageAttributeValue) string {
	var all bytes.Buffer

	add := func(value []byte) {
		_ = binary.Write(&all, binary.BigEndian, uint32(len(value)))
		all.Write(value)
	}
	names := []string{}
	for name := range attributes {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		value := attributes[name]
		add([]byte(name))
		add([]byte(*value.DataType))
		if strings.HasPrefix(*value.DataType, "Binary") {
			all.WriteByte(2)
			add(value.BinaryValue)
		} else {
			all.WriteByte(1)
			add([]byte(*value.StringValue))
		}
	}
	sum := md5.Sum(all.Bytes())
	return hex.EncodeToString(sum[:])
}

var attributes = map[string]types.MessageAttributeValue{
	"text":  {DataType: aws.String("String"), StringValue: aws.String("grüße 😀 <&\">")},
	"count": {DataType: aws.String("Number.int"), StringValue: aws.String("17")},
	"bytes": {DataType: aws.String("Binary"), BinaryValue: []byte{0, 1, 127, 128, 254, 255}},
}

func plain(attributes map[string]types.MessageAttributeValue) map[string]string {
	list := map[string]string{}
	for name, value := range attributes {
		list[name] = *value.DataType + aws.ToString(value.StringValue) + hex.EncodeToString(value.BinaryValue)
	}
	return list
}

func queues() {
	name := unique("queue")
	created, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{
		QueueName: &name, Tags: map[string]string{"team": "blue"}})
	must(err)
	url := created.QueueUrl
	found, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	must(err)
	equal(*found.QueueUrl, *url, "a queue is found by its name")
	_, err = client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
		QueueUrl: url, Attributes: map[string]string{"DelaySeconds": "7"}})
	must(err)
	equal(attributesOf(url, types.QueueAttributeNameDelaySeconds),
		map[string]string{"DelaySeconds": "7"}, "an attribute is what it was set to")
	_, err = client.TagQueue(ctx, &sqs.TagQueueInput{
		QueueUrl: url, Tags: map[string]string{"size": "big"}})
	must(err)
	_, err = client.UntagQueue(ctx, &sqs.UntagQueueInput{
		QueueUrl: url, TagKeys: []string{"team"}})
	must(err)
	tags, err := client.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: url})
	must(err)
	equal(tags.Tags, map[string]string{"size": "big"}, "and so are tags")
	_, err = client.AddPermission(ctx, &sqs.AddPermissionInput{
		QueueUrl: url, Label: aws.String("l"), AWSAccountIds: []string{"111111111111"},
		Actions: []string{"SendMessage"}})
	must(err)
	ok(strings.Contains(attributesOf(url, types.QueueAttributeNamePolicy)["Policy"],
		"arn:aws:iam::111111111111:root"), "a permission is in the policy")
	_, err = client.RemovePermission(ctx, &sqs.RemovePermissionInput{
		QueueUrl: url, Label: aws.String("l")})
	must(err)
	equal(len(attributesOf(url, types.QueueAttributeNamePolicy)), 0,
		"and no more when it is removed")
	deleteQueue(url)

	var gone *types.QueueDoesNotExist
	var api smithy.APIError
	_, err = client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	ok(errors.As(err, &gone) && errors.As(err, &api) &&
		api.ErrorCode() == "AWS.SimpleQueueService.NonExistentQueue", "a deleted queue is gone", err)
}

func pages() {
	prefix := unique("page")
	urls := []string{}
	for i := 0; i < 5; i++ {
		created, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{
			QueueName: aws.String(fmt.Sprintf("%s-%d", prefix, i))})
		must(err)
		urls = append(urls, *created.QueueUrl)
	}
	sizes := []int{}
	listed := []string{}
	pager := sqs.NewListQueuesPaginator(client, &sqs.ListQueuesInput{
		QueueNamePrefix: &prefix, MaxResults: aws.Int32(2)})
	for pager.HasMorePages() {
		page, err := pager.NextPage(ctx)
		must(err)
		sizes = append(sizes, len(page.QueueUrls))
		listed = append(listed, page.QueueUrls...)
	}
	sort.Strings(listed)
	equal(sizes, []int{2, 2, 1}, "pages are as long as asked for")
	equal(listed, urls, "and have each queue once")
	for i := range urls {
		deleteQueue(&urls[i])
	}
}

func messages() {
	url := makeQueue("messages", nil)
	for _, body := range []string{"hello", "grüße 你好 😀", "<a>&amp;\r\n\"\t</a>", "a+b=c&d%20"} {
		sent, err := client.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: url, MessageBody: aws.String(body), MessageAttributes: attributes})
		must(err)
		equal(*sent.MD5OfMessageAttributes, digest(attributes), "the digest of attributes")
		got := receive(url, 1, 20)
		equal(bodies(got), []string{body}, "comes back")
		equal(plain(got[0].MessageAttributes), plain(attributes), "with its attributes")
		equal(*got[0].MD5OfMessageAttributes, digest(attributes), "and their digest")
		equal(got[0].Attributes["ApproximateReceiveCount"], "1", "and the count of receives")
		_, err = client.DeleteMessage(ctx, &sqs.DeleteMessageInput{
			QueueUrl: url, ReceiptHandle: got[0].ReceiptHandle})
		must(err)
	}
	equal(len(receive(url, 10, 0)), 0, "nothing is left")

	polled := make(chan []types.Message)
	go func() {
		answer, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: url, WaitTimeSeconds: 20})
		if err != nil {
			fmt.Printf("# %v\n", err)
			polled <- nil
			return
		}
		polled <- answer.Messages
	}()
	_, err := client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: url, MessageBody: aws.String("wake"), DelaySeconds: 1})
	must(err)
	woken := <-polled
	equal(bodies(woken), []string{"wake"}, "a long poll is woken")
	_, err = client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: url, ReceiptHandle: woken[0].ReceiptHandle, VisibilityTimeout: 0})
	must(err)
	equal(bodies(receive(url, 1, 20)), []string{"wake"}, "what is given back comes again")
	send(url, "purged")
	_, err = client.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: url})
	must(err)
	equal(len(receive(url, 10, 0)), 0, "a purge takes all")
	deleteQueue(url)
}

func batches() {
	url := makeQueue("batch", map[string]string{"MaximumMessageSize": "1024"})
	entries := []types.SendMessageBatchRequestEntry{}
	expected := []string{}
	for i := 0; i < 9; i++ {
		expected = append(expected, fmt.Sprintf("body %d", i))
		entries = append(entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(fmt.Sprintf("m%d", i)), MessageBody: aws.String(expected[i]),
			MessageAttributes: attributes})
	}
	entries = append(entries, types.SendMessageBatchRequestEntry{
		Id: aws.String("long"), MessageBody: aws.String(strings.Repeat("x", 1025))})
	sent, err := client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{
		QueueUrl: url, Entries: entries})
	must(err)
	right := 0
	for _, one := range sent.Successful {
		if *one.MD5OfMessageAttributes == digest(attributes) {
			right++
		}
	}
	equal(right, 9, "nine are sent, and their digests are right")
	ok(len(sent.Failed) == 1 && *sent.Failed[0].Id == "long" && sent.Failed[0].SenderFault &&
		*sent.Failed[0].Code == "InvalidParameterValue", "the tenth is too long", sent.Failed)

	got := []types.Message{}
	for len(got) < 9 {
		some := receive(url, 10, 20)
		if len(some) == 0 {
			break
		}
		got = append(got, some...)
	}
	list := bodies(got)
	sort.Strings(list)
	equal(list, expected, "and they are received")
	changed, err := client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
			{Id: aws.String("good"), ReceiptHandle: got[0].ReceiptHandle, VisibilityTimeout: 600},
			{Id: aws.String("bad"), ReceiptHandle: aws.String("garbage")}}})
	must(err)
	ok(len(changed.Successful) == 1 && len(changed.Failed) == 1 &&
		*changed.Failed[0].Code == "ReceiptHandleIsInvalid", "one of two can be changed", changed)
	handles := []types.DeleteMessageBatchRequestEntry{
		{Id: aws.String("bad"), ReceiptHandle: aws.String("garbage")}}
	for i := range got {
		handles = append(handles, types.DeleteMessageBatchRequestEntry{
			Id: aws.String(fmt.Sprint(i)), ReceiptHandle: got[i].ReceiptHandle})
	}
	deleted, err := client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{
		QueueUrl: url, Entries: handles})
	must(err)
	ok(len(deleted.Successful) == 9 && len(deleted.Failed) == 1 && *deleted.Failed[0].Id == "bad",
		"nine of ten can be deleted", deleted)

	var empty *types.EmptyBatchRequest
	_, err = client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{
		QueueUrl: url, Entries: []types.SendMessageBatchRequestEntry{}})
	ok(errors.As(err, &empty), "an empty batch is an error", err)
	deleteQueue(url)
}

func fifo() {
	url := makeQueue("fifo", map[string]string{
		"FifoQueue": "true", "ContentBasedDeduplication": "true"})
	numbers := []string{}
	for _, one := range [][2]string{{"a1", "a"}, {"a2", "a"}, {"b1", "b"}, {"a1", "a"}} {
		sent, err := client.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: url, MessageBody: aws.String(one[0]), MessageGroupId: aws.String(one[1])})
		must(err)
		numbers = append(numbers, *sent.SequenceNumber)
	}
	equal(numbers[3], numbers[0], "a duplicate has the number of its original")
	first := receive(url, 1, 20)
	equal(bodies(first), []string{"a1"}, "the first comes first")
	equal(first[0].Attributes["MessageGroupId"], "a", "with its group")
	equal(bodies(receive(url, 10, 20)), []string{"b1"}, "another group need not wait")
	_, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{
		QueueUrl: url, ReceiptHandle: first[0].ReceiptHandle})
	must(err)
	equal(bodies(receive(url, 10, 20)), []string{"a2"}, "the rest of the group comes then")
	deleteQueue(url)
}

func deadLetters() {
	dead := makeQueue("dead", nil)
	deadArn := arnOf(dead)
	policy, err := json.Marshal(map[string]interface{}{
		"deadLetterTargetArn": deadArn, "maxReceiveCount": 1})
	must(err)
	source := makeQueue("source", map[string]string{
		"VisibilityTimeout": "0", "RedrivePolicy": string(policy)})
	sources, err := client.ListDeadLetterSourceQueues(ctx,
		&sqs.ListDeadLetterSourceQueuesInput{QueueUrl: dead})
	must(err)
	equal(sources.QueueUrls, []string{*source}, "a dead-letter queue knows its sources")
	sent := send(source, "poison")
	equal(bodies(receive(source, 1, 20)), []string{"poison"}, "a message is received once")
	equal(len(receive(source, 1, 0)), 0, "and no more")
	got := receive(dead, 1, 20)
	equal(bodies(got), []string{"poison"}, "it is in the dead-letter queue then")
	ok(*got[0].MessageId == *sent.MessageId &&
		got[0].Attributes["DeadLetterQueueSourceArn"] == arnOf(source), "and knows where it is from", got)
	_, err = client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: dead, ReceiptHandle: got[0].ReceiptHandle, VisibilityTimeout: 0})
	must(err)

	for _, body := range []string{"1", "2", "3"} {
		send(dead, body)
	}
	task, err := client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{
		SourceArn: &deadArn, DestinationArn: aws.String(arnOf(source)),
		MaxNumberOfMessagesPerSecond: aws.Int32(1)})
	must(err)
	tasks, err := client.ListMessageMoveTasks(ctx, &sqs.ListMessageMoveTasksInput{
		SourceArn: &deadArn, MaxResults: aws.Int32(10)})
	must(err)
	ok(len(tasks.Results) == 1 && *tasks.Results[0].Status == "RUNNING" &&
		*tasks.Results[0].TaskHandle == *task.TaskHandle && tasks.Results[0].StartedTimestamp > 0,
		"a task is listed while it runs", tasks)
	_, err = client.CancelMessageMoveTask(ctx, &sqs.CancelMessageMoveTaskInput{
		TaskHandle: task.TaskHandle})
	must(err)
	for {
		task, err = client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{
			SourceArn: &deadArn, DestinationArn: aws.String(arnOf(source))})
		if err == nil || !strings.Contains(err.Error(), "already a task running") {
			break
		}
	}
	must(err)
	moved := map[string]bool{}
	for len(moved) < 4 {
		some := receive(source, 1, 20)
		if len(some) == 0 {
			break
		}
		moved[*some[0].Body] = true
		_, err = client.DeleteMessage(ctx, &sqs.DeleteMessageInput{
			QueueUrl: source, ReceiptHandle: some[0].ReceiptHandle})
		must(err)
	}
	equal(len(moved), 4, "a second task moves all that the first has left")
	deleteQueue(source)
	deleteQueue(dead)
}

func main() {
	settings, err := config.LoadDefaultConfig(ctx, config.WithRetryMaxAttempts(1),
		config.WithAPIOptions([]func(*middleware.Stack) error{
			func(stack *middleware.Stack) error {
				called[stack.ID()] = true
				return nil
			}}))
	must(err)
	client = sqs.NewFromConfig(settings)
	group("queues", queues)
	group("pages", pages)
	group("messages", messages)
	group("batches", batches)
	group("FIFO queues", fifo)
	group("dead letters", deadLetters)

	missing := []string{}
	kind := reflect.TypeOf(client)
	for i := 0; i < kind.NumMethod(); i++ {
		if name := kind.Method(i).Name; name != "Options" && !called[name] {
			missing = append(missing, name)
		}
	}
	equal(missing, []string{}, "no action was left out")
	fmt.Printf("1..%d\n", count)
	if failed > 0 {
		os.Exit(1)
	}
}
