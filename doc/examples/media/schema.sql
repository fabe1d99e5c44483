-- The tables, queues and roles of the media example. Each tier has a role that may
-- do what the tier does, and no more.

\set ON_ERROR_STOP on

BEGIN;

CREATE TABLE videos (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  height int NOT NULL,
  uploaded_at timestamptz NOT NULL DEFAULT now()
);

-- What could not be transcoded four times is for somebody to look at.
SELECT sqs_create_queue('transcode-failed');
SELECT sqs_create_queue('transcode', jsonb_build_object('RedrivePolicy', jsonb_build_object(
  'deadLetterTargetArn', sqs_get_queue_attributes('transcode-failed') ->> 'QueueArn',
  'maxReceiveCount', 4)::text));

CREATE ROLE media_front LOGIN;
GRANT SELECT, INSERT ON videos TO media_front;
SELECT sqs_put_role_policy('media_front', 'send', '{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": "sqs:SendMessage",
    "Resource": "arn:aws:sqs:*:*:transcode"}]}');

CREATE ROLE media_back LOGIN;
SELECT sqs_put_role_policy('media_back', 'consume', '{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage",
               "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
    "Resource": "arn:aws:sqs:*:*:transcode"}]}');

COMMIT;
