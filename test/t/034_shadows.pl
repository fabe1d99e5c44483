# Promises: what somebody puts into schemas that come first in everybody's
# search_path, operators, functions and types by the names of the server's, is called
# neither by CREATE EXTENSION, nor by any call, view or trigger, whoever makes it, nor
# by the background worker.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node('main', start => 0, conf => <<'CONF');
queue.worker_interval = '1s'
queue.minimum_retention = 1
queue.recreate_delay = 0
queue.purge_interval = 0
log_statement = none
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE evil;
CREATE ROLE owner LOGIN;
CREATE SCHEMA evil AUTHORIZATION evil;
GRANT USAGE ON SCHEMA evil TO PUBLIC;
SET ROLE evil;
CREATE FUNCTION evil.caught() RETURNS void LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'caught'; END$$;
DO $do$
DECLARE
  types regtype[] := '{text,int4,int8,oid,uuid,json,jsonb,timestamptz,bool,name,float8,interval,regclass,regrole,bytea,"char",text[],int4[]}';
  o pg_operator;
  p pg_proc;
BEGIN
  FOR o IN
    SELECT * FROM pg_operator
    WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprkind = 'b' AND oprleft = ANY (types) AND oprright = ANY (types) AND oprresult = ANY (types)
  LOOP
    EXECUTE format('CREATE FUNCTION evil.op_%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS $f$BEGIN PERFORM evil.caught(); END$f$',
                   o.oid, o.oprleft::regtype, o.oprright::regtype, o.oprresult::regtype);
    EXECUTE format('CREATE OPERATOR evil.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = evil.op_%s)',
                   o.oprname, o.oprleft::regtype, o.oprright::regtype, o.oid);
  END LOOP;
  FOR p IN
    SELECT * FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND provariadic = 0 AND proargmodes IS NULL AND NOT proretset
      AND (prorettype = ANY (types) OR prorettype = 'void'::regtype) AND proargtypes::oid[] <@ types::oid[]
  LOOP
    EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s LANGUAGE plpgsql AS $f$BEGIN PERFORM evil.caught(); END$f$',
                   p.proname, oidvectortypes(p.proargtypes), p.prorettype::regtype);
  END LOOP;
END $do$;
CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS $$BEGIN PERFORM evil.caught(); END$$;
CREATE FUNCTION evil.concat(VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS $$BEGIN PERFORM evil.caught(); END$$;
CREATE FUNCTION evil.jsonb_build_object(VARIADIC text[]) RETURNS jsonb LANGUAGE plpgsql AS $$BEGIN PERFORM evil.caught(); END$$;
CREATE FUNCTION evil.make_interval(secs float8) RETURNS interval LANGUAGE plpgsql AS $$BEGIN PERFORM evil.caught(); END$$;
CREATE DOMAIN evil.text AS pg_catalog.text CHECK (evil.caught() IS NULL);
CREATE DOMAIN evil.jsonb AS pg_catalog.jsonb CHECK (evil.caught() IS NULL);
CREATE DOMAIN evil.int8 AS pg_catalog.int8 CHECK (evil.caught() IS NULL);
CREATE DOMAIN evil.sqs_message AS pg_catalog.text CHECK (evil.caught() IS NULL);
CREATE VIEW evil.queues AS SELECT evil.caught() IS NULL AS shadow;
CREATE VIEW evil.sqs_queues AS SELECT evil.caught() IS NULL AS shadow;
RESET ROLE;
ALTER DATABASE postgres SET search_path = evil, pg_catalog, public;
SQL

# As everybody is, or with a search_path of the test's own.
sub victim
{
	my ($role, $sql) = @_;
	my ($ret, $out, $err) = $node->psql('postgres', $sql, extra_params => $role ? [ '-U', $role ] : []);

	return $ret == 0 && $err eq '' ? $out : "failed: $err";
}

sub harness
{
	my ($sql) = @_;
	local $ENV{PGOPTIONS} = '-c search_path=public';

	return $node->safe_psql('postgres', $sql);
}

sub comes_true
{
	my ($sql, $name) = @_;
	local $ENV{PGOPTIONS} = '-c search_path=public';
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return becomes($node, 'postgres', $sql, 't', $name);
}

cmp_ok(harness("SELECT count(*) FROM pg_proc WHERE pronamespace = 'evil'::regnamespace"), '>', 1000, 'there are shadows of all kinds');
like(victim('owner', $_), qr/ERROR:  caught/, "who is not careful meets them: $_")
  foreach 'SELECT now()', q{SELECT 'a'::pg_catalog.text = 'a'}, q{SELECT 'a'::text};

is(victim(undef, 'CREATE EXTENSION queue SCHEMA public'), '', 'the extension is created');
harness(<<'SQL');
GRANT CREATE ON SCHEMA queue TO owner;
CREATE TABLE orders (id int, note varchar);
CREATE TRIGGER send_row AFTER INSERT OR UPDATE OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('orders', 'id, note', 'note');
CREATE TRIGGER send_rows AFTER INSERT ON orders REFERENCING NEW TABLE AS new FOR EACH STATEMENT EXECUTE FUNCTION sqs_enqueue('orders');
GRANT ALL ON orders TO owner;
SQL

# Calls that are made with arguments of the types that they are declared with, or
# with literals, use nothing of the caller's search_path themselves.
foreach my $role ('owner', undef)
{
	my $who = $role // 'a superuser';

	foreach my $call (
		q{SELECT public.sqs_create_queue('dead')},
		q{SELECT public.sqs_create_queue('orders', '{"RedrivePolicy": "{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:dead\", \"maxReceiveCount\": 1}"}', '{"a": "b"}')},
		q{SELECT public.sqs_create_queue('orders.fifo', '{"FifoQueue": true, "ContentBasedDeduplication": true}')},
		q{SELECT public.sqs_send('orders', 'x', 0, '{"a": {"DataType": "Number", "StringValue": "1"}}', 'g')},
		q{SELECT public.sqs_send('orders.fifo', 'x', message_group_id => 'g')},
		q{SELECT public.sqs_send_batch('orders', '{a,b,c}'::pg_catalog.text[])},
		q{SELECT public.sqs_delete('orders', receipt_handle) FROM public.sqs_receive('orders')},
		q{SELECT public.sqs_change_visibility('orders', receipt_handle, 0) FROM public.sqs_receive('orders', 1, 60, 1)},
		q{SELECT public.sqs_pop('orders.fifo')},
		q{SELECT public.sqs_peek('orders')},
		q{CALL public.sqs_wait('orders', 0)},
		q{INSERT INTO public.orders VALUES (1, 'a'), (2, 'b'); UPDATE public.orders SET note = 'c'; DELETE FROM public.orders},
		q{SELECT public.sqs_get_queue_attributes('orders')},
		q{SELECT public.sqs_set_queue_attributes('orders', '{"VisibilityTimeout": 0}')},
		q{SELECT public.sqs_receive('orders', 10), public.sqs_receive('orders', 10)},
		q{SELECT public.sqs_tag_queue('orders', '{"c": "d"}'), public.sqs_untag_queue('orders', '{c}'), public.sqs_list_queue_tags('orders')},
		q{SELECT public.sqs_add_permission('orders', 'l', '{000000000001}', '{SendMessage}'), public.sqs_remove_permission('orders', 'l')},
		q{SELECT public.sqs_get_queue_url('orders'), public.sqs_list_queues('o'), public.sqs_list_dead_letter_source_queues('dead')},
		q{SELECT public.sqs_start_message_move_task('dead')},
		q{SELECT public.sqs_list_message_move_tasks('dead')},
		q{SELECT public.sqs_action('ReceiveMessage', '{"QueueUrl": "orders", "MessageAttributeNames": ["All"]}')},
		q{SELECT public.sqs_action('SendMessageBatch', '{"QueueUrl": "orders", "Entries": [{"Id": "1", "MessageBody": "x"}]}')},
		q{SELECT * FROM public.sqs_queues},
		q{SELECT * FROM public.sqs_metrics},
		q{SELECT public.sqs_check(), public.sqs_health()},
		q{SELECT public.sqs_simulate_policy('owner', 'SendMessage', 'orders')},
		q{SELECT public.sqs_list_access_keys(), public.sqs_list_role_policies('owner')})
	{
		unlike(victim($role, $call), qr/^failed/, "$who: $call");
	}
	comes_true("SELECT count(*) = 0 FROM queue.message_move_tasks WHERE status = 'RUNNING'", 'the worker moves messages');
	victim($role, q{SELECT public.sqs_purge_queue('orders'), public.sqs_send('orders', 'expires')});
	victim($role, q{SELECT public.sqs_set_queue_attributes('orders', '{"MessageRetentionPeriod": 1}')});
	comes_true("SELECT visible + in_flight + delayed = 0 FROM sqs_queues WHERE name = 'orders'", 'it removes what expires');
	victim($role, "SELECT public.sqs_delete_queue('$_')") foreach 'orders', 'dead', 'orders.fifo';
	comes_true('SELECT count(*) = 0 FROM queue.deleted_queues', 'it drops what is deleted');
	is(harness("SELECT count(*) FROM queue.queues"), 0, "$who: all is gone");
}
foreach my $call (
	q{SELECT public.sqs_create_account('000000000002', 'a'), public.sqs_assign_account('owner', '000000000002'), public.sqs_assign_account('owner', NULL), public.sqs_delete_account('000000000002')},
	q{SELECT * FROM public.sqs_accounts},
	q{SELECT public.sqs_put_role_policy('owner', 'p', '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"}}')},
	q{SELECT public.sqs_delete_role_policy('owner', 'p')},
	q{SELECT queue.sweep(), queue.memory()},
	q{CALL queue.rotate()},
	q{DROP TABLE public.orders; DROP EXTENSION queue})
{
	unlike(victim(undef, $call), qr/^failed/, "a superuser: $call");
}
my @caught = grep { /caught/ } split /\n/, slurp_file($node->logfile);
is(scalar(grep { /ERROR:  caught/ } @caught), 3, 'nothing but the first statements met a shadow') or diag(join "\n", @caught);
done_testing();
