//! Everything SQS does, by aws-sdk-sqs. It checks no digest itself; here they
//! are computed as SQS documents them.

use std::collections::HashMap;
use std::env;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchError;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
    MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
    SendMessageBatchRequestEntry,
};
use aws_sdk_sqs::Client;
use md5::{Digest, Md5};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

static COUNT: AtomicUsize = AtomicUsize::new(0);
static FAILED: AtomicUsize = AtomicUsize::new(0);
static MADE: AtomicUsize = AtomicUsize::new(0);

fn ok(condition: bool, name: &str, remark: String) {
    let number = COUNT.fetch_add(1, Relaxed) + 1;
    println!("{} {number} - {name}", if condition { "ok" } else { "not ok" });
    if !condition {
        FAILED.fetch_add(1, Relaxed);
        for line in remark.lines() {
            println!("#   {line}");
        }
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(got: T, expected: T, name: &str) {
    ok(got == expected, name, format!("got:      {got:?}\nexpected: {expected:?}"));
}

/// Checks that belong together; an error is a failed check.
fn ended(name: &str, result: Result) {
    if let Err(error) = result {
        ok(false, &format!("{name} ends"), format!("{error:?}"));
    }
}

fn unique(word: &str) -> String {
    format!("{word}-rust-{}-{}", process::id(), MADE.fetch_add(1, Relaxed))
}

async fn make_queue(
    sqs: &Client,
    word: &str,
    attributes: &[(QueueAttributeName, &str)],
) -> Result<String> {
    let mut name = unique(word);
    let mut request = sqs.create_queue();
    for (attribute, value) in attributes {
        if *attribute == QueueAttributeName::FifoQueue {
            name += ".fifo";
        }
        request = request.attributes(attribute.clone(), *value);
    }
    Ok(request.queue_name(name).send().await?.queue_url.unwrap())
}

async fn attribute_of(sqs: &Client, url: &str, name: QueueAttributeName) -> Result<Option<String>> {
    let answer = sqs.get_queue_attributes().queue_url(url).attribute_names(name.clone()).send().await?;
    Ok(answer.attributes.and_then(|mut all| all.remove(&name)))
}

async fn arn_of(sqs: &Client, url: &str) -> Result<String> {
    Ok(attribute_of(sqs, url, QueueAttributeName::QueueArn).await?.unwrap())
}

async fn receive(sqs: &Client, url: &str, max: i32, wait: i32) -> Result<Vec<Message>> {
    let answer = sqs
        .receive_message()
        .queue_url(url)
        .max_number_of_messages(max)
        .wait_time_seconds(wait)
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .message_attribute_names("All")
        .send()
        .await?;
    Ok(answer.messages.unwrap_or_default())
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body().unwrap()).collect()
}

fn attributes() -> HashMap<String, MessageAttributeValue> {
    let value = |kind: &str| MessageAttributeValue::builder().data_type(kind);
    HashMap::from([
        ("text".into(), value("String").string_value("grüße 😀 <&\">").build().unwrap()),
        ("count".into(), value("Number.int").string_value("17").build().unwrap()),
        (
            "bytes".into(),
            value("Binary").binary_value(Blob::new([0, 1, 127, 128, 255])).build().unwrap(),
        ),
    ])
}

fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of attributes, as SQS documents it.
fn digest(attributes: &HashMap<String, MessageAttributeValue>) -> String {
    fn add(md5: &mut Md5, value: &[u8]) {
        md5.update((value.len() as u32).to_be_bytes());
        md5.update(value);
    }
    let mut md5 = Md5::new();
    let mut names: Vec<_> = attributes.keys().collect();
    names.sort();
    for name in names {
        let value = &attributes[name];
        add(&mut md5, name.as_bytes());
        add(&mut md5, value.data_type().as_bytes());
        if let Some(bytes) = value.binary_value() {
            md5.update([2]);
            add(&mut md5, bytes.as_ref());
        } else {
            md5.update([1]);
            add(&mut md5, value.string_value().unwrap().as_bytes());
        }
    }
    hex(md5.finalize())
}

async fn queues(sqs: &Client) -> Result {
    let name = unique("queue");
    let url = sqs.create_queue().queue_name(&name).tags("team", "blue").send().await?.queue_url.unwrap();
    let found = sqs.get_queue_url().queue_name(&name).send().await?.queue_url.unwrap();
    equal(&found, &url, "a queue is found by its name");
    sqs.set_queue_attributes()
        .queue_url(&url)
        .attributes(QueueAttributeName::DelaySeconds, "7")
        .send()
        .await?;
    equal(
        attribute_of(sqs, &url, QueueAttributeName::DelaySeconds).await?.as_deref(),
        Some("7"),
        "an attribute is what it was set to",
    );
    sqs.tag_queue().queue_url(&url).tags("size", "big").send().await?;
    sqs.untag_queue().queue_url(&url).tag_keys("team").send().await?;
    let tags = sqs.list_queue_tags().queue_url(&url).send().await?.tags.unwrap_or_default();
    equal(tags, HashMap::from([("size".into(), "big".into())]), "and so are tags");
    sqs.add_permission()
        .queue_url(&url)
        .label("l")
        .aws_account_ids("111111111111")
        .actions("SendMessage")
        .send()
        .await?;
    let policy = attribute_of(sqs, &url, QueueAttributeName::Policy).await?.unwrap_or_default();
    ok(policy.contains("arn:aws:iam::111111111111:root"), "a permission is in the policy", policy);
    sqs.remove_permission().queue_url(&url).label("l").send().await?;
    equal(
        attribute_of(sqs, &url, QueueAttributeName::Policy).await?,
        None,
        "and no more when it is removed",
    );
    sqs.delete_queue().queue_url(&url).send().await?;
    let error = sqs.get_queue_url().queue_name(&name).send().await.unwrap_err().into_service_error();
    ok(error.is_queue_does_not_exist(), "a deleted queue is gone", format!("{error:?}"));
    equal(
        error.code(),
        Some("AWS.SimpleQueueService.NonExistentQueue"),
        "with the code of the Query protocol",
    );
    Ok(())
}

async fn pages(sqs: &Client) -> Result {
    let prefix = unique("page");
    let mut urls = Vec::new();
    for i in 0..5 {
        let name = format!("{prefix}-{i}");
        urls.push(sqs.create_queue().queue_name(name).send().await?.queue_url.unwrap());
    }
    let mut sizes = Vec::new();
    let mut listed = Vec::new();
    let mut pages = sqs.list_queues().queue_name_prefix(&prefix).max_results(2).into_paginator().send();
    while let Some(page) = pages.next().await {
        let some = page?.queue_urls.unwrap_or_default();
        sizes.push(some.len());
        listed.extend(some);
    }
    listed.sort();
    equal(sizes, vec![2, 2, 1], "pages are as long as asked for");
    equal(&listed, &urls, "and have each queue once");
    for url in urls {
        sqs.delete_queue().queue_url(url).send().await?;
    }
    Ok(())
}

async fn messages(sqs: &Client) -> Result {
    let url = make_queue(sqs, "messages", &[]).await?;
    let sent_attributes = attributes();
    for body in ["hello", "grüße 你好 😀", "<a>&amp;\r\n\"\t</a>", "a+b=c&d%20"] {
        let sent = sqs
            .send_message()
            .queue_url(&url)
            .message_body(body)
            .set_message_attributes(Some(sent_attributes.clone()))
            .send()
            .await?;
        equal(sent.md5_of_message_body(), Some(hex(Md5::digest(body)).as_str()), "the digest of a body");
        equal(
            sent.md5_of_message_attributes(),
            Some(digest(&sent_attributes).as_str()),
            "the digest of attributes",
        );
        let got = receive(sqs, &url, 1, 20).await?;
        equal(bodies(&got), vec![body], "comes back");
        equal(got[0].message_attributes(), Some(&sent_attributes), "with its attributes");
        equal(got[0].md5_of_body(), sent.md5_of_message_body(), "and its digest");
        equal(got[0].md5_of_message_attributes(), sent.md5_of_message_attributes(), "and theirs");
        let counted = got[0]
            .attributes()
            .and_then(|all| all.get(&MessageSystemAttributeName::ApproximateReceiveCount));
        equal(counted.map(String::as_str), Some("1"), "and the count of receives");
        let handle = got[0].receipt_handle().unwrap();
        sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await?;
    }
    equal(receive(sqs, &url, 10, 0).await?.len(), 0, "nothing is left");

    let (woken, sent) = tokio::join!(
        receive(sqs, &url, 1, 20),
        sqs.send_message().queue_url(&url).message_body("wake").delay_seconds(1).send()
    );
    sent?;
    let woken = woken?;
    equal(bodies(&woken), vec!["wake"], "a long poll is woken");
    sqs.change_message_visibility()
        .queue_url(&url)
        .receipt_handle(woken[0].receipt_handle().unwrap())
        .visibility_timeout(0)
        .send()
        .await?;
    let again = receive(sqs, &url, 1, 20).await?;
    equal(bodies(&again), vec!["wake"], "what is given back comes again");
    sqs.send_message().queue_url(&url).message_body("purged").send().await?;
    sqs.purge_queue().queue_url(&url).send().await?;
    equal(receive(sqs, &url, 10, 0).await?.len(), 0, "a purge takes all");
    sqs.delete_queue().queue_url(&url).send().await?;
    Ok(())
}

async fn batches(sqs: &Client) -> Result {
    let url = make_queue(sqs, "batch", &[(QueueAttributeName::MaximumMessageSize, "1024")]).await?;
    let mut request = sqs.send_message_batch().queue_url(&url);
    for i in 0..10 {
        let body = if i < 9 { format!("body {i}") } else { "x".repeat(1025) };
        request = request.entries(
            SendMessageBatchRequestEntry::builder()
                .id(format!("m{i}"))
                .message_body(body)
                .set_message_attributes(Some(attributes()))
                .build()?,
        );
    }
    let sent = request.send().await?;
    let right = digest(&attributes());
    equal(
        sent.successful().iter().filter(|one| one.md5_of_message_attributes() == Some(&right)).count(),
        9,
        "nine are sent, and their digests are right",
    );
    let failed: Vec<_> =
        sent.failed().iter().map(|one| (one.id(), one.code(), one.sender_fault())).collect();
    equal(failed, vec![("m9", "InvalidParameterValue", true)], "the tenth is too long");

    let mut got = Vec::new();
    while got.len() < 9 {
        let some = receive(sqs, &url, 10, 20).await?;
        if some.is_empty() {
            break;
        }
        got.extend(some);
    }
    let mut list: Vec<_> = bodies(&got).into_iter().map(String::from).collect();
    list.sort();
    equal(list, (0..9).map(|i| format!("body {i}")).collect(), "and they are received");

    let change = |id: &str, handle: &str| {
        ChangeMessageVisibilityBatchRequestEntry::builder()
            .id(id)
            .receipt_handle(handle)
            .visibility_timeout(600)
            .build()
    };
    let changed = sqs
        .change_message_visibility_batch()
        .queue_url(&url)
        .entries(change("good", got[0].receipt_handle().unwrap())?)
        .entries(change("bad", "garbage")?)
        .send()
        .await?;
    let failed: Vec<_> = changed.failed().iter().map(|one| (one.id(), one.code())).collect();
    equal(failed, vec![("bad", "ReceiptHandleIsInvalid")], "one of two can be changed");

    let mut request = sqs.delete_message_batch().queue_url(&url);
    let handles = got.iter().map(|message| message.receipt_handle().unwrap()).chain(["garbage"]);
    for (i, handle) in handles.enumerate() {
        request = request.entries(
            DeleteMessageBatchRequestEntry::builder().id(i.to_string()).receipt_handle(handle).build()?,
        );
    }
    let deleted = request.send().await?;
    equal(
        (deleted.successful().len(), deleted.failed().iter().map(|one| one.id()).collect()),
        (9, vec!["9"]),
        "nine of ten can be deleted",
    );
    let error = sqs
        .send_message_batch()
        .queue_url(&url)
        .set_entries(Some(Vec::new()))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    ok(
        matches!(error, SendMessageBatchError::EmptyBatchRequest(_)),
        "an empty batch is an error",
        format!("{error:?}"),
    );
    sqs.delete_queue().queue_url(&url).send().await?;
    Ok(())
}

async fn fifo(sqs: &Client) -> Result {
    let url = make_queue(
        sqs,
        "fifo",
        &[
            (QueueAttributeName::FifoQueue, "true"),
            (QueueAttributeName::ContentBasedDeduplication, "true"),
        ],
    )
    .await?;
    let mut numbers = Vec::new();
    for body in ["a1", "a2", "b1", "a1"] {
        let sent =
            sqs.send_message().queue_url(&url).message_body(body).message_group_id(&body[..1]).send().await?;
        numbers.push(sent.sequence_number.unwrap());
    }
    equal(&numbers[3], &numbers[0], "a duplicate has the number of its original");
    let first = receive(sqs, &url, 1, 20).await?;
    equal(bodies(&first), vec!["a1"], "the first comes first");
    let second = receive(sqs, &url, 10, 20).await?;
    equal(bodies(&second), vec!["b1"], "another group need not wait");
    let handle = first[0].receipt_handle().unwrap();
    sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await?;
    let third = receive(sqs, &url, 10, 20).await?;
    equal(bodies(&third), vec!["a2"], "the rest of the group comes then");
    sqs.delete_queue().queue_url(&url).send().await?;
    Ok(())
}

async fn dead_letters(sqs: &Client) -> Result {
    let dead = make_queue(sqs, "dead", &[]).await?;
    let dead_arn = arn_of(sqs, &dead).await?;
    let policy = format!("{{\"deadLetterTargetArn\": \"{dead_arn}\", \"maxReceiveCount\": 1}}");
    let source = make_queue(
        sqs,
        "source",
        &[
            (QueueAttributeName::VisibilityTimeout, "0"),
            (QueueAttributeName::RedrivePolicy, &policy),
        ],
    )
    .await?;
    let arn = arn_of(sqs, &source).await?;
    let sources = sqs.list_dead_letter_source_queues().queue_url(&dead).send().await?;
    equal(sources.queue_urls(), &[source.clone()][..], "a dead-letter queue knows its sources");
    sqs.send_message().queue_url(&source).message_body("poison").send().await?;
    equal(bodies(&receive(sqs, &source, 1, 20).await?), vec!["poison"], "a message is received once");
    equal(receive(sqs, &source, 1, 0).await?.len(), 0, "and no more");
    let got = receive(sqs, &dead, 1, 20).await?;
    let from = got[0]
        .attributes()
        .and_then(|all| all.get(&MessageSystemAttributeName::DeadLetterQueueSourceArn));
    equal(from, Some(&arn), "it is in the dead-letter queue then");
    sqs.change_message_visibility()
        .queue_url(&dead)
        .receipt_handle(got[0].receipt_handle().unwrap())
        .visibility_timeout(0)
        .send()
        .await?;

    for body in ["1", "2", "3"] {
        sqs.send_message().queue_url(&dead).message_body(body).send().await?;
    }
    let start = || sqs.start_message_move_task().source_arn(&dead_arn).destination_arn(&arn);
    let task = start().max_number_of_messages_per_second(1).send().await?.task_handle.unwrap();
    let tasks = sqs.list_message_move_tasks().source_arn(&dead_arn).max_results(10).send().await?;
    let listed: Vec<_> = tasks.results().iter().map(|one| (one.status(), one.task_handle())).collect();
    equal(
        listed,
        vec![(Some("RUNNING"), Some(task.as_str()))],
        "a task is listed while it runs",
    );
    sqs.cancel_message_move_task().task_handle(&task).send().await?;
    // It may be about to end.
    loop {
        match start().send().await.map_err(|error| error.into_service_error()) {
            Ok(_) => break,
            Err(error) if error.message().unwrap_or_default().contains("already a task running") => (),
            Err(error) => return Err(error.into()),
        }
    }
    let mut moved = Vec::new();
    while moved.len() < 4 {
        let some = receive(sqs, &source, 1, 20).await?;
        let Some(message) = some.first() else { break };
        moved.push(message.body().unwrap().to_string());
        let handle = message.receipt_handle().unwrap();
        sqs.delete_message().queue_url(&source).receipt_handle(handle).send().await?;
    }
    moved.sort();
    equal(
        moved.iter().map(String::as_str).collect(),
        vec!["1", "2", "3", "poison"],
        "a second one moves all that is left",
    );
    sqs.delete_queue().queue_url(&source).send().await?;
    sqs.delete_queue().queue_url(&dead).send().await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let variable = |name| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(variable("AWS_ENDPOINT_URL"))
        .region(Region::new(variable("AWS_REGION")))
        .credentials_provider(Credentials::new(
            variable("AWS_ACCESS_KEY_ID"),
            variable("AWS_SECRET_ACCESS_KEY"),
            None,
            None,
            "environment",
        ))
        .build();
    let sqs = Client::from_conf(config);

    ended("queues", queues(&sqs).await);
    ended("pages", pages(&sqs).await);
    ended("messages", messages(&sqs).await);
    ended("batches", batches(&sqs).await);
    ended("FIFO queues", fifo(&sqs).await);
    ended("dead letters", dead_letters(&sqs).await);
    println!("1..{}", COUNT.load(Relaxed));
    process::exit(if FAILED.load(Relaxed) > 0 { 1 } else { 0 });
}
