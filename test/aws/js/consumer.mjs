// sqs-consumer, as an application uses it: handlers that succeed, that fail,
// that take a whole batch, and a consumer that is stopped while it polls.

import * as sdk from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { equal, finish, group, ok } from './tap.mjs';

const sqs = new sdk.SQSClient({});
let made = 0;

async function makeQueue(word, Attributes = {}) {
  const QueueName = `${word}-consumer-${process.pid}-${++made}`;
  return (await sqs.send(new sdk.CreateQueueCommand({ QueueName, Attributes }))).QueueUrl;
}

async function send(QueueUrl, bodies) {
  for (let i = 0; i < bodies.length; i += 10) {
    await sqs.send(new sdk.SendMessageBatchCommand({
      QueueUrl,
      Entries: bodies.slice(i, i + 10).map((MessageBody, n) => ({ Id: `${n}`, MessageBody })),
    }));
  }
}

async function left(QueueUrl) {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
  const { Attributes } = await sqs.send(
    new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: names }));
  return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

// Resolves when the consumer has said an event so often that done() is true.
function until(consumer, event, done) {
  return new Promise((resolve, reject) => {
    consumer.on(event, () => done() && resolve());
    consumer.on('error', reject);
    consumer.on('timeout_error', reject);
  });
}

async function stop(consumer) {
  const stopped = new Promise((resolve) => { consumer.on('stopped', resolve); });
  consumer.stop({ abort: true });
  await stopped;
}

await group('every message is handled once, and deleted', async () => {
  const queueUrl = await makeQueue('handle');
  const bodies = Array.from({ length: 50 }, (_, i) => `message ${i}`);
  const seen = [];
  const consumer = Consumer.create({
    queueUrl, sqs, batchSize: 10, waitTimeSeconds: 20,
    handleMessage: async (message) => { seen.push(message.Body); return message; },
  });
  let processed = 0;
  const all = until(consumer, 'message_processed', () => ++processed === bodies.length);
  consumer.start();
  await send(queueUrl, bodies);
  await all;
  await stop(consumer);
  equal([...seen].sort(), [...bodies].sort(), 'each was handled once');
  equal(await left(queueUrl), 0, 'and none is left');
});

await group('a message whose handler fails comes again', async () => {
  const queueUrl = await makeQueue('fail');
  const counts = [];
  const consumer = Consumer.create({
    queueUrl, sqs, waitTimeSeconds: 20, terminateVisibilityTimeout: true,
    messageSystemAttributeNames: ['ApproximateReceiveCount'],
    handleMessage: async (message) => {
      counts.push(message.Attributes.ApproximateReceiveCount);
      if (counts.length < 3) {
        throw new Error('not yet');
      }
      return message;
    },
  });
  const errors = [];
  consumer.on('processing_error', (error) => errors.push(error));
  const done = until(consumer, 'message_processed', () => true);
  consumer.start();
  await send(queueUrl, ['again and again']);
  await done;
  await stop(consumer);
  equal(counts, ['1', '2', '3'], 'as often as it failed, and its receives are counted');
  equal(errors.length, 2, 'and each failure was told');
  equal(await left(queueUrl), 0, 'in the end it is deleted');
});

await group('a batch may be handled in part', async () => {
  const queueUrl = await makeQueue('batch');
  const handled = new Map();
  const consumer = Consumer.create({
    queueUrl, sqs, batchSize: 10, waitTimeSeconds: 20, visibilityTimeout: 1,
    handleMessageBatch: async (messages) => {
      // The first time it is seen, "later" is left for another time.
      const take = messages.filter(({ Body }) => Body !== 'later' || handled.has(Body));
      for (const { Body } of messages) {
        handled.set(Body, (handled.get(Body) ?? 0) + 1);
      }
      return take;
    },
  });
  let processed = 0;
  const done = until(consumer, 'message_processed', () => ++processed === 3);
  await send(queueUrl, ['one', 'later', 'two']);
  consumer.start();
  await done;
  await stop(consumer);
  equal([...handled].sort(), [['later', 2], ['one', 1], ['two', 1]],
    'what was not said to be done comes again');
  equal(await left(queueUrl), 0, 'and all are deleted in the end');
});

await group('a consumer that is stopped takes no message with it', async () => {
  const queueUrl = await makeQueue('stop');
  const taken = [];
  const consumer = Consumer.create({
    queueUrl, sqs, waitTimeSeconds: 20,
    handleMessage: async (message) => { taken.push(message.Body); return message; },
  });
  const empty = Consumer.create({
    queueUrl, sqs, waitTimeSeconds: 1, handleMessage: async () => undefined,
  });
  const polled = until(empty, 'empty', () => true);
  // Its poll is broken off, of which it complains.
  consumer.on('error', () => {});
  consumer.start();
  empty.start();
  await polled;
  await stop(empty);
  await stop(consumer);
  await send(queueUrl, ['for another']);
  const { Messages } = await sqs.send(
    new sdk.ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 20 }));
  equal(Messages?.map((message) => message.Body), ['for another'],
    'a message sent afterwards is for another');
  ok(!taken.length, 'and not for it');
});

finish();
