// Everything SQS does, by @aws-sdk/client-sqs, which checks the digests of
// bodies itself and throws if one is wrong. It has no "endpoint" but that of
// the environment, and so sends each request to the URL of its queue.

import { createHash } from 'node:crypto';
import * as sdk from '@aws-sdk/client-sqs';
import { equal, finish, group, ok } from './tap.mjs';

const sqs = new sdk.SQSClient({ maxAttempts: 1 });
const called = new Set();
const endpoint = process.env.AWS_ENDPOINT_URL;
let made = 0;

// Calls an action by its name.
async function call(action, input = {}) {
  called.add(action);
  const { $metadata, ...answer } = await sqs.send(new sdk[`${action}Command`](input));
  ok($metadata.requestId, `${action}: has a request id`);
  return answer;
}

// The error of a call that must fail.
async function fails(action, input) {
  try {
    return { none: await sqs.send(new sdk[`${action}Command`](input)) };
  } catch (error) {
    return error;
  }
}

function unique(word, suffix = '') {
  return `${word}-js-${process.pid}-${++made}${suffix}`;
}

async function makeQueue(word, Attributes = {}) {
  const suffix = Attributes.FifoQueue ? '.fifo' : '';
  return (await call('CreateQueue', { QueueName: unique(word, suffix), Attributes })).QueueUrl;
}

async function arnOf(QueueUrl) {
  return (await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] }))
    .Attributes.QueueArn;
}

async function receive(QueueUrl, options = {}) {
  return (await call('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20, ...options })).Messages;
}

// The digest of attributes, as SQS documents it.
function digest(attributes) {
  const md5 = createHash('md5');
  const add = (value) => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    md5.update(length).update(bytes);
  };
  for (const name of Object.keys(attributes).sort()) {
    const { DataType, StringValue, BinaryValue } = attributes[name];
    add(name);
    add(DataType);
    md5.update(Buffer.from([DataType.startsWith('Binary') ? 2 : 1]));
    add(BinaryValue ?? StringValue);
  }
  return md5.digest('hex');
}

const attributes = {
  text: { DataType: 'String', StringValue: 'grüße 😀 <&">' },
  count: { DataType: 'Number.int', StringValue: '17' },
  bytes: { DataType: 'Binary', BinaryValue: Uint8Array.from({ length: 256 }, (_, i) => i) },
};

await group('queues', async () => {
  const QueueName = unique('queue');
  const { QueueUrl } = await call('CreateQueue', { QueueName, tags: { team: 'blue' } });
  ok(QueueUrl.startsWith(`${endpoint}/`), 'the URL of a queue leads to where it was made');
  equal(await call('GetQueueUrl', { QueueName }), { QueueUrl }, 'it is found by its name');
  equal((await call('ListQueues', { QueueNamePrefix: QueueName })).QueueUrls, [QueueUrl],
    'and by a prefix');
  await call('SetQueueAttributes', { QueueUrl, Attributes: { DelaySeconds: '7' } });
  equal((await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['DelaySeconds'] })).Attributes,
    { DelaySeconds: '7' }, 'an attribute is what it was set to');
  await call('TagQueue', { QueueUrl, Tags: { size: 'big' } });
  await call('UntagQueue', { QueueUrl, TagKeys: ['team'] });
  equal((await call('ListQueueTags', { QueueUrl })).Tags, { size: 'big' }, 'and so are tags');
  await call('AddPermission', {
    QueueUrl, Label: 'l', AWSAccountIds: ['111111111111'], Actions: ['SendMessage'],
  });
  ok((await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['Policy'] })).Attributes.Policy
    .includes('arn:aws:iam::111111111111:root'), 'a permission is in the policy');
  await call('RemovePermission', { QueueUrl, Label: 'l' });
  equal((await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['Policy'] })).Attributes,
    undefined, 'and no more when it is removed');
  await call('DeleteQueue', { QueueUrl });
  const error = await fails('GetQueueUrl', { QueueName });
  ok(error instanceof sdk.QueueDoesNotExist, 'a deleted queue is gone', error.stack);
});

await group('pages', async () => {
  const QueueNamePrefix = unique('page');
  const urls = [];
  for (let i = 0; i < 5; i++) {
    urls.push((await call('CreateQueue', { QueueName: `${QueueNamePrefix}-${i}` })).QueueUrl);
  }
  const pages = [];
  for await (const page of sdk.paginateListQueues({ client: sqs, pageSize: 2 }, { QueueNamePrefix })) {
    pages.push(page.QueueUrls);
  }
  equal(pages.map((page) => page.length), [2, 2, 1], 'pages are as long as asked for');
  equal(pages.flat().sort(), urls.sort(), 'and have each queue once');
  for (const QueueUrl of urls) {
    await call('DeleteQueue', { QueueUrl });
  }
});

await group('messages', async () => {
  const QueueUrl = await makeQueue('messages');
  for (const MessageBody of ['hello', 'grüße 你好 😀', '<a>&amp;\r\n"\t</a>', 'a+b=c&d%20']) {
    const sent = await call('SendMessage', { QueueUrl, MessageBody, MessageAttributes: attributes });
    equal(sent.MD5OfMessageAttributes, digest(attributes), 'the digest of attributes');
    const [message] = await receive(QueueUrl, {
      MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'],
    });
    equal([message.Body, message.MessageId], [MessageBody, sent.MessageId], 'comes back');
    equal(Object.entries(message.MessageAttributes).sort().map(([name, value]) =>
      [name, value.DataType, value.StringValue ?? Buffer.from(value.BinaryValue).toString('hex')]),
    Object.entries(attributes).sort().map(([name, value]) =>
      [name, value.DataType, value.StringValue ?? Buffer.from(value.BinaryValue).toString('hex')]),
    'with its attributes');
    equal(message.MD5OfMessageAttributes, digest(attributes), 'and their digest');
    equal(message.Attributes.ApproximateReceiveCount, '1', 'and the count of receives');
    await call('DeleteMessage', { QueueUrl, ReceiptHandle: message.ReceiptHandle });
  }
  equal(await receive(QueueUrl, { WaitTimeSeconds: 0 }), undefined, 'nothing is left');

  const polled = receive(QueueUrl);
  await call('SendMessage', { QueueUrl, MessageBody: 'wake', DelaySeconds: 1 });
  const [woken] = await polled;
  equal(woken.Body, 'wake', 'a long poll is woken');
  await call('ChangeMessageVisibility', {
    QueueUrl, ReceiptHandle: woken.ReceiptHandle, VisibilityTimeout: 0,
  });
  const [again] = await receive(QueueUrl);
  equal(again.Body, 'wake', 'what is given back comes again');
  await call('SendMessage', { QueueUrl, MessageBody: 'purged' });
  await call('PurgeQueue', { QueueUrl });
  equal(await receive(QueueUrl, { WaitTimeSeconds: 0 }), undefined, 'a purge takes all');
  await call('DeleteQueue', { QueueUrl });
});

await group('batches', async () => {
  const QueueUrl = await makeQueue('batch', { MaximumMessageSize: '1024' });
  let answer = await call('SendMessageBatch', {
    QueueUrl,
    Entries: [
      ...Array.from({ length: 9 }, (_, i) => ({
        Id: `m${i}`, MessageBody: `body ${i}`, MessageAttributes: attributes,
      })),
      { Id: 'long', MessageBody: 'x'.repeat(1025) },
    ],
  });
  equal(answer.Successful.map((one) => [one.Id, one.MD5OfMessageAttributes]),
    Array.from({ length: 9 }, (_, i) => [`m${i}`, digest(attributes)]), 'nine are sent');
  equal(answer.Failed.map((one) => [one.Id, one.Code, one.SenderFault]),
    [['long', 'InvalidParameterValue', true]], 'the tenth is too long');
  const messages = [];
  while (messages.length < 9) {
    messages.push(...await receive(QueueUrl, { MaxNumberOfMessages: 10 }));
  }
  equal(messages.map((one) => one.Body).sort(), Array.from({ length: 9 }, (_, i) => `body ${i}`),
    'and received');
  answer = await call('ChangeMessageVisibilityBatch', {
    QueueUrl,
    Entries: [
      { Id: 'good', ReceiptHandle: messages[0].ReceiptHandle, VisibilityTimeout: 600 },
      { Id: 'bad', ReceiptHandle: 'garbage', VisibilityTimeout: 0 },
    ],
  });
  equal([answer.Successful.map((one) => one.Id), answer.Failed.map((one) => [one.Id, one.Code])],
    [['good'], [['bad', 'ReceiptHandleIsInvalid']]], 'one of two can be changed');
  answer = await call('DeleteMessageBatch', {
    QueueUrl,
    Entries: [...messages, { ReceiptHandle: 'garbage' }].map(({ ReceiptHandle }, i) =>
      ({ Id: `${i}`, ReceiptHandle })),
  });
  equal([answer.Successful.length, answer.Failed.map((one) => one.Id)], [9, ['9']],
    'nine of ten can be deleted');
  const error = await fails('SendMessageBatch', { QueueUrl, Entries: [] });
  equal([error instanceof sdk.EmptyBatchRequest, error.Code, error.Type, error.$metadata?.httpStatusCode],
    [true, 'AWS.SimpleQueueService.EmptyBatchRequest', 'Sender', 400], 'an empty batch is an error');
  await call('DeleteQueue', { QueueUrl });
});

await group('FIFO queues', async () => {
  const QueueUrl = await makeQueue('fifo', {
    FifoQueue: 'true', ContentBasedDeduplication: 'true',
  });
  const numbers = [];
  for (const [MessageBody, MessageGroupId] of [['a1', 'a'], ['a2', 'a'], ['b1', 'b'], ['a1', 'a']]) {
    numbers.push((await call('SendMessage', { QueueUrl, MessageBody, MessageGroupId })).SequenceNumber);
  }
  equal(numbers[3], numbers[0], 'a duplicate has the number of its original');
  const [first] = await receive(QueueUrl, { MessageSystemAttributeNames: ['MessageGroupId'] });
  equal([first.Body, first.Attributes.MessageGroupId], ['a1', 'a'], 'the first comes first');
  const [second] = await receive(QueueUrl, { MaxNumberOfMessages: 10 });
  equal(second.Body, 'b1', 'another group need not wait');
  await call('DeleteMessage', { QueueUrl, ReceiptHandle: first.ReceiptHandle });
  const [third] = await receive(QueueUrl);
  equal(third.Body, 'a2', 'the rest of the group comes then');
  await call('DeleteQueue', { QueueUrl });
});

await group('dead letters', async () => {
  const dead = await makeQueue('dead');
  const deadArn = await arnOf(dead);
  const source = await makeQueue('source', {
    VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: 1 }),
  });
  equal((await call('ListDeadLetterSourceQueues', { QueueUrl: dead })).queueUrls, [source],
    'a dead-letter queue knows its sources');
  await call('SendMessage', { QueueUrl: source, MessageBody: 'poison' });
  await receive(source);
  equal(await receive(source, { WaitTimeSeconds: 0 }), undefined, 'a message is received once');
  const [message] = await receive(dead, {
    VisibilityTimeout: 0, MessageSystemAttributeNames: ['DeadLetterQueueSourceArn'],
  });
  equal([message.Body, message.Attributes.DeadLetterQueueSourceArn],
    ['poison', await arnOf(source)], 'and is in the dead-letter queue then');
  const { TaskHandle } = await call('StartMessageMoveTask', { SourceArn: deadArn });
  ok(TaskHandle, 'a task has a handle');
  const [moved] = await receive(source);
  equal(moved.Body, 'poison', 'a task moves it back');
  const { Results } = await call('ListMessageMoveTasks', { SourceArn: deadArn });
  ok(['RUNNING', 'COMPLETED'].includes(Results[0].Status) && Results[0].StartedTimestamp > 0,
    'the task is listed', JSON.stringify(Results));

  await call('SendMessageBatch', {
    QueueUrl: dead,
    Entries: ['1', '2', '3'].map((Id) => ({ Id, MessageBody: Id })),
  });
  let second;
  while (!second?.TaskHandle) {
    // The first may be about to end.
    second = await fails('StartMessageMoveTask', {
      SourceArn: deadArn, DestinationArn: await arnOf(source), MaxNumberOfMessagesPerSecond: 1,
    });
    second = second.none ?? second;
    if (!second.TaskHandle && !/already a task running/.test(second.message)) {
      throw second;
    }
  }
  const cancelled = await call('CancelMessageMoveTask', { TaskHandle: second.TaskHandle });
  ok(cancelled.ApproximateNumberOfMessagesMoved < 4, 'a task can be cancelled');
  await call('DeleteQueue', { QueueUrl: source });
  await call('DeleteQueue', { QueueUrl: dead });
});

const actions = Object.keys(sdk).filter((name) => /^[A-Z].*Command$/.test(name) && name !== '$Command')
  .map((name) => name.replace(/Command$/, ''));
equal(actions.filter((name) => !called.has(name)), [], 'no action was left out');
finish();
