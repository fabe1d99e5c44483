import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.*;

/**
 * Everything SQS does, by the AWS SDK for Java v2, which checks the digests of
 * bodies and of attributes itself and throws if one is wrong.
 */
public class Client
{
	private static final Set<String> called = new TreeSet<>();
	private static int count;
	private static int failed;
	private static int made;

	private static final SqsClient sqs = SqsClient.builder()
		.overrideConfiguration(o -> o.retryStrategy(r -> r.maxAttempts(1))
			.addExecutionInterceptor(new ExecutionInterceptor()
			{
				@Override
				public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes a)
				{
					called.add(context.request().getClass().getSimpleName().replace("Request", ""));
				}
			}))
		.build();

	private static final Map<String, MessageAttributeValue> attributes = Map.of(
		"text", MessageAttributeValue.builder().dataType("String")
			.stringValue("grüße 😀 <&\">").build(),
		"count", MessageAttributeValue.builder().dataType("Number.int").stringValue("17").build(),
		"bytes", MessageAttributeValue.builder().dataType("Binary")
			.binaryValue(SdkBytes.fromByteArray(new byte[] {0, 1, 127, -128, -1})).build());

	private interface Checks
	{
		void run() throws Exception;
	}

	private static void ok(boolean condition, String name, Object... remarks)
	{
		count++;
		if (!condition)
			failed++;
		System.out.printf("%s %d - %s%n", condition ? "ok" : "not ok", count, name);
		if (!condition)
			for (Object remark : remarks)
				System.out.println("#   " + remark);
	}

	private static void equal(Object got, Object expected, String name)
	{
		ok(Objects.equals(got, expected), name, "got:      " + got, "expected: " + expected);
	}

	private static void group(String name, Checks checks)
	{
		System.out.println("# " + name);
		try
		{
			checks.run();
		}
		catch (Exception e)
		{
			ok(false, name + " ends", e, Arrays.toString(e.getStackTrace()));
		}
	}

	private static String unique(String word)
	{
		return word + "-java-" + ProcessHandle.current().pid() + "-" + ++made;
	}

	private static String makeQueue(String word, Map<QueueAttributeName, String> attributes)
	{
		String name = unique(word) + (attributes.containsKey(QueueAttributeName.FIFO_QUEUE) ? ".fifo" : "");

		return sqs.createQueue(r -> r.queueName(name).attributes(attributes)).queueUrl();
	}

	private static Map<QueueAttributeName, String> attributesOf(String url, QueueAttributeName name)
	{
		return sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(name)).attributes();
	}

	private static String arnOf(String url)
	{
		return attributesOf(url, QueueAttributeName.QUEUE_ARN).get(QueueAttributeName.QUEUE_ARN);
	}

	private static List<Message> receive(String url, int max, int wait)
	{
		return sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(max).waitTimeSeconds(wait)
			.messageSystemAttributeNames(MessageSystemAttributeName.ALL)
			.messageAttributeNames("All")).messages();
	}

	private static List<String> bodies(List<Message> messages)
	{
		return messages.stream().map(Message::body).toList();
	}

	private static void add(MessageDigest md5, byte[] value)
	{
		md5.update(ByteBuffer.allocate(4).putInt(value.length).array());
		md5.update(value);
	}

	/** The digest of attributes, as SQS documents it. */
	private static String digest() throws Exception
	{
		MessageDigest md5 = MessageDigest.getInstance("MD5");

		for (Map.Entry<String, MessageAttributeValue> entry : new TreeMap<>(attributes).entrySet())
		{
			MessageAttributeValue value = entry.getValue();
			boolean binary = value.dataType().startsWith("Binary");

			add(md5, entry.getKey().getBytes(StandardCharsets.UTF_8));
			add(md5, value.dataType().getBytes(StandardCharsets.UTF_8));
			md5.update((byte) (binary ? 2 : 1));
			add(md5, binary ? value.binaryValue().asByteArray()
				: value.stringValue().getBytes(StandardCharsets.UTF_8));
		}
		return HexFormat.of().formatHex(md5.digest());
	}

	private static void queues()
	{
		String name = unique("queue");
		String url = sqs.createQueue(r -> r.queueName(name).tags(Map.of("team", "blue"))).queueUrl();

		equal(sqs.getQueueUrl(r -> r.queueName(name)).queueUrl(), url, "a queue is found by its name");
		sqs.setQueueAttributes(r -> r.queueUrl(url)
			.attributes(Map.of(QueueAttributeName.DELAY_SECONDS, "7")));
		equal(attributesOf(url, QueueAttributeName.DELAY_SECONDS),
			Map.of(QueueAttributeName.DELAY_SECONDS, "7"), "an attribute is what it was set to");
		sqs.tagQueue(r -> r.queueUrl(url).tags(Map.of("size", "big")));
		sqs.untagQueue(r -> r.queueUrl(url).tagKeys("team"));
		equal(sqs.listQueueTags(r -> r.queueUrl(url)).tags(), Map.of("size", "big"), "and so are tags");
		sqs.addPermission(r -> r.queueUrl(url).label("l").awsAccountIds("111111111111")
			.actions("SendMessage"));
		ok(attributesOf(url, QueueAttributeName.POLICY).get(QueueAttributeName.POLICY)
			.contains("arn:aws:iam::111111111111:root"), "a permission is in the policy");
		sqs.removePermission(r -> r.queueUrl(url).label("l"));
		ok(attributesOf(url, QueueAttributeName.POLICY).isEmpty(), "and no more when it is removed");
		sqs.deleteQueue(r -> r.queueUrl(url));
		try
		{
			sqs.getQueueUrl(r -> r.queueName(name));
			ok(false, "a deleted queue is gone");
		}
		catch (QueueDoesNotExistException e)
		{
			equal(e.awsErrorDetails().errorCode(), "AWS.SimpleQueueService.NonExistentQueue",
				"a deleted queue is gone");
			equal(e.statusCode(), 400, "with status 400");
		}
	}

	private static void pages()
	{
		String prefix = unique("page");
		List<String> urls = new ArrayList<>();
		List<Integer> sizes = new ArrayList<>();
		List<String> listed = new ArrayList<>();

		for (int i = 0; i < 5; i++)
		{
			String name = prefix + "-" + i;

			urls.add(sqs.createQueue(r -> r.queueName(name)).queueUrl());
		}
		sqs.listQueuesPaginator(r -> r.queueNamePrefix(prefix).maxResults(2)).forEach(page -> {
			sizes.add(page.queueUrls().size());
			listed.addAll(page.queueUrls());
		});
		equal(sizes, List.of(2, 2, 1), "pages are as long as asked for");
		equal(listed.stream().sorted().toList(), urls, "and have each queue once");
		urls.forEach(url -> sqs.deleteQueue(r -> r.queueUrl(url)));
	}

	private static void messages() throws Exception
	{
		String url = makeQueue("messages", Map.of());

		for (String body : List.of("hello", "grüße 你好 😀", "<a>&amp;\r\n\"\t</a>", "a+b=c&d%20"))
		{
			SendMessageResponse sent = sqs.sendMessage(r -> r.queueUrl(url).messageBody(body)
				.messageAttributes(attributes));
			Message message = receive(url, 1, 20).get(0);

			equal(sent.md5OfMessageAttributes(), digest(), "the digest of attributes");
			equal(message.body(), body, "comes back");
			equal(message.messageAttributes(), attributes, "with its attributes");
			equal(message.md5OfMessageAttributes(), digest(), "and their digest");
			equal(message.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT), "1",
				"and the count of receives");
			sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
		}
		equal(receive(url, 10, 0).size(), 0, "nothing is left");

		CompletableFuture<List<Message>> polled =
			CompletableFuture.supplyAsync(() -> receive(url, 1, 20));
		sqs.sendMessage(r -> r.queueUrl(url).messageBody("wake").delaySeconds(1));
		List<Message> woken = polled.get();
		equal(bodies(woken), List.of("wake"), "a long poll is woken");
		sqs.changeMessageVisibility(r -> r.queueUrl(url)
			.receiptHandle(woken.get(0).receiptHandle()).visibilityTimeout(0));
		equal(bodies(receive(url, 1, 20)), List.of("wake"), "what is given back comes again");
		sqs.sendMessage(r -> r.queueUrl(url).messageBody("purged"));
		sqs.purgeQueue(r -> r.queueUrl(url));
		equal(receive(url, 10, 0).size(), 0, "a purge takes all");
		sqs.deleteQueue(r -> r.queueUrl(url));
	}

	private static void batches() throws Exception
	{
		String url = makeQueue("batch", Map.of(QueueAttributeName.MAXIMUM_MESSAGE_SIZE, "1024"));
		List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
		List<String> expected = new ArrayList<>();
		List<Message> got = new ArrayList<>();

		for (int i = 0; i < 9; i++)
		{
			expected.add("body " + i);
			entries.add(SendMessageBatchRequestEntry.builder().id("m" + i).messageBody("body " + i)
				.messageAttributes(attributes).build());
		}
		entries.add(SendMessageBatchRequestEntry.builder().id("long").messageBody("x".repeat(1025)).build());
		SendMessageBatchResponse sent = sqs.sendMessageBatch(r -> r.queueUrl(url).entries(entries));
		String digest = digest();
		equal(sent.successful().stream().filter(one -> digest.equals(one.md5OfMessageAttributes())).count(),
			9L, "nine are sent, and their digests are right");
		ok(sent.failed().size() == 1 && sent.failed().get(0).id().equals("long") &&
			sent.failed().get(0).senderFault() &&
			sent.failed().get(0).code().equals("InvalidParameterValue"), "the tenth is too long", sent);

		while (got.size() < 9)
		{
			List<Message> some = receive(url, 10, 20);

			if (some.isEmpty())
				break;
			got.addAll(some);
		}
		equal(bodies(got).stream().sorted().toList(), expected, "and they are received");
		ChangeMessageVisibilityBatchResponse changed = sqs.changeMessageVisibilityBatch(r -> r.queueUrl(url)
			.entries(e -> e.id("good").receiptHandle(got.get(0).receiptHandle()).visibilityTimeout(600),
				e -> e.id("bad").receiptHandle("garbage").visibilityTimeout(0)));
		ok(changed.successful().size() == 1 && changed.failed().size() == 1 &&
			changed.failed().get(0).code().equals("ReceiptHandleIsInvalid"),
			"one of two can be changed", changed);

		List<DeleteMessageBatchRequestEntry> handles = new ArrayList<>();
		for (Message message : got)
			handles.add(DeleteMessageBatchRequestEntry.builder().id("d" + handles.size())
				.receiptHandle(message.receiptHandle()).build());
		handles.add(DeleteMessageBatchRequestEntry.builder().id("bad").receiptHandle("garbage").build());
		DeleteMessageBatchResponse deleted = sqs.deleteMessageBatch(r -> r.queueUrl(url).entries(handles));
		ok(deleted.successful().size() == 9 && deleted.failed().size() == 1 &&
			deleted.failed().get(0).id().equals("bad"), "nine of ten can be deleted", deleted);

		try
		{
			sqs.sendMessageBatch(r -> r.queueUrl(url).entries(List.of()));
			ok(false, "an empty batch is an error");
		}
		catch (AwsServiceException e)
		{
			ok(e instanceof EmptyBatchRequestException &&
				e.awsErrorDetails().errorCode().equals("AWS.SimpleQueueService.EmptyBatchRequest"),
				"an empty batch is an error", e);
		}
		sqs.deleteQueue(r -> r.queueUrl(url));
	}

	private static void fifo()
	{
		String url = makeQueue("fifo", Map.of(QueueAttributeName.FIFO_QUEUE, "true",
			QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true"));
		List<String> numbers = new ArrayList<>();

		for (String body : List.of("a1", "a2", "b1", "a1"))
			numbers.add(sqs.sendMessage(r -> r.queueUrl(url).messageBody(body)
				.messageGroupId(body.substring(0, 1))).sequenceNumber());
		equal(numbers.get(3), numbers.get(0), "a duplicate has the number of its original");
		List<Message> first = receive(url, 1, 20);
		equal(bodies(first), List.of("a1"), "the first comes first");
		equal(first.get(0).attributes().get(MessageSystemAttributeName.MESSAGE_GROUP_ID), "a",
			"with its group");
		equal(bodies(receive(url, 10, 20)), List.of("b1"), "another group need not wait");
		sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(first.get(0).receiptHandle()));
		equal(bodies(receive(url, 10, 20)), List.of("a2"), "the rest of the group comes then");
		sqs.deleteQueue(r -> r.queueUrl(url));
	}

	private static StartMessageMoveTaskResponse start(String source, String destination)
	{
		for (;;)
		{
			try
			{
				return sqs.startMessageMoveTask(r -> r.sourceArn(source).destinationArn(destination));
			}
			catch (AwsServiceException e)
			{
				/* One that was cancelled may be about to end. */
				if (!e.getMessage().contains("already a task running"))
					throw e;
			}
		}
	}

	private static void deadLetters()
	{
		String dead = makeQueue("dead", Map.of());
		String deadArn = arnOf(dead);
		String source = makeQueue("source", Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "0",
			QueueAttributeName.REDRIVE_POLICY,
			"{\"deadLetterTargetArn\": \"" + deadArn + "\", \"maxReceiveCount\": 1}"));
		String arn = arnOf(source);

		equal(sqs.listDeadLetterSourceQueues(r -> r.queueUrl(dead)).queueUrls(), List.of(source),
			"a dead-letter queue knows its sources");
		String id = sqs.sendMessage(r -> r.queueUrl(source).messageBody("poison")).messageId();
		equal(bodies(receive(source, 1, 20)), List.of("poison"), "a message is received once");
		equal(receive(source, 1, 0).size(), 0, "and no more");
		List<Message> got = receive(dead, 1, 20);
		ok(got.get(0).messageId().equals(id) && arn.equals(got.get(0).attributes()
			.get(MessageSystemAttributeName.DEAD_LETTER_QUEUE_SOURCE_ARN)),
			"it is in the dead-letter queue then, and knows where it is from", got);
		sqs.changeMessageVisibility(r -> r.queueUrl(dead)
			.receiptHandle(got.get(0).receiptHandle()).visibilityTimeout(0));

		for (String body : List.of("1", "2", "3"))
			sqs.sendMessage(r -> r.queueUrl(dead).messageBody(body));
		String handle = sqs.startMessageMoveTask(r -> r.sourceArn(deadArn).destinationArn(arn)
			.maxNumberOfMessagesPerSecond(1)).taskHandle();
		ListMessageMoveTasksResponse tasks = sqs.listMessageMoveTasks(r -> r.sourceArn(deadArn).maxResults(10));
		ok(tasks.results().size() == 1 && tasks.results().get(0).status().equals("RUNNING") &&
			tasks.results().get(0).taskHandle().equals(handle) &&
			tasks.results().get(0).startedTimestamp() > 0, "a task is listed while it runs", tasks);
		ok(sqs.cancelMessageMoveTask(r -> r.taskHandle(handle)).approximateNumberOfMessagesMoved() <= 4,
			"a task can be cancelled");
		ok(!start(deadArn, arn).taskHandle().isEmpty(), "and another be started");
		Set<String> moved = new TreeSet<>();
		while (moved.size() < 4)
		{
			List<Message> some = receive(source, 1, 20);

			if (some.isEmpty())
				break;
			moved.add(some.get(0).body());
			sqs.deleteMessage(r -> r.queueUrl(source).receiptHandle(some.get(0).receiptHandle()));
		}
		equal(moved, new TreeSet<>(List.of("1", "2", "3", "poison")), "which moves all that is left");
		sqs.deleteQueue(r -> r.queueUrl(source));
		sqs.deleteQueue(r -> r.queueUrl(dead));
	}

	public static void main(String[] args)
	{
		group("queues", Client::queues);
		group("pages", Client::pages);
		group("messages", Client::messages);
		group("batches", Client::batches);
		group("FIFO queues", Client::fifo);
		group("dead letters", Client::deadLetters);

		Set<String> missing = new TreeSet<>();
		for (var method : SqsClient.class.getMethods())
			if (method.getParameterCount() == 1 && method.getReturnType().getSimpleName().endsWith("Response"))
				missing.add(method.getReturnType().getSimpleName().replace("Response", ""));
		missing.removeAll(called);
		equal(missing, Set.of(), "no action was left out");
		System.out.println("1.." + count);
		System.exit(failed > 0 ? 1 : 0);
	}
}
