/** Mail of a subaccount by SQL, as if it had been accepted and delivered within the last hours: more than a test could send. */
import { sql } from 'kysely';
import type { World } from '../world.ts';

/**
 * `count` mails, a tenth of a second from one to the next and the last some seconds ago: the first is of subject `Needle 1`, all
 * others are `Order <number>`. Answers the time a tenth of a second before the first. Each thousandth has the tag `rare`, the others `common`.
 */
export async function fillMails(world: World, subaccountId: number, count: number): Promise<number> {
  const firstMs = world.clock.now() - 5000 - count * 100;
  await sql`with n as (select g, (${firstMs}::bigint + g * 100) as ms, account_id, id as sub from generate_series(1, ${count}::int) g
      cross join subaccounts where id = ${subaccountId}),
    m as (select *, (ms << 21) + g as id from n),
    s as (insert into submissions (account_id, subaccount_id, id, retention_days, key_id, door, format, mail_from, from_address, domain_id, subject,
        options, size_bytes, content)
      select account_id, sub, id, 30, 1, 'http', 'raw', 'b@lettershop.test', 'Shop@lettershop.test', 1,
        case g when 1 then 'Needle 1' else 'Order ' || g end,
        jsonb_build_object('metadata', jsonb_build_object('n', g), 'campaign', 'spring-sale', 'tags',
          jsonb_build_array(case when g % 1000 = 0 then 'rare' else 'common' end)), 1, 'x' from m),
    c as (insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
      select account_id, sub, id, 30, id, 'user' || g % 100 || '@many.test', 'delivered', to_timestamp(ms / 1000.0) from m)
    insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
    select nextval('event_numbers'), to_timestamp(ms / 1000.0), 30, account_id, sub, id, id, kind,
      jsonb_build_object('recipient', 'user' || g % 100 || '@many.test') || case kind when 'message.delivered'
        then '{"attempt": 1, "site": "many.test", "reply": {"code": 250, "enhanced": "2.0.0", "text": "Ok"}}'::jsonb else '{}'::jsonb end
    from m cross join unnest(array['message.accepted', 'message.delivered']) with ordinality k (kind, step) order by g, step`.execute(
    world.database.db.engine,
  );
  // As autovacuum does within a minute of such an increase.
  await sql`analyze messages, submissions, events`.execute(world.database.db.owner);
  return firstMs;
}
