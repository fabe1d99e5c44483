-- Receive one message, all of it, and then delete it by its receipt handle.
SELECT /* receive */ * FROM sqs_receive(:queue, 1) \gset
SELECT /* delete */ sqs_delete(:queue, :receipt_handle);
