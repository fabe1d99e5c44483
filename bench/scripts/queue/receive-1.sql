-- Receive one message and leave it in flight.
SELECT /* receive */ * FROM sqs_receive(:queue, 1, visibility_timeout => 3600) \gset
