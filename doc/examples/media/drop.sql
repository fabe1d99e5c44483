-- Takes away what schema.sql has made.

SELECT sqs_delete_queue('transcode');
SELECT sqs_delete_queue('transcode-failed');
SELECT sqs_delete_role_policy('media_front', 'send');
SELECT sqs_delete_role_policy('media_back', 'consume');
DROP TABLE videos;
DROP ROLE media_front, media_back;
