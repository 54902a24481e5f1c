/** Fills a queue by SQL, as if so many copies of a message that a subaccount sent had been accepted and never claimed. */
import { sql } from 'kysely';
import type { World } from '../world.ts';

/**
 * `like` is a message of the subaccount's, or one of each of several subaccounts, whose copies then begin to wait at the same
 * moment; the recipients' domain is the message's own, or `domain` with the number for `%n`; with `dueInSeconds` they are due
 * a second after each other from then on.
 */
export async function fillQueue(
  world: World,
  like: string | readonly string[],
  count: number,
  more: {
    readonly domain?: string;
    readonly lane?: 0 | 1;
    readonly tags?: string;
    readonly dueInSeconds?: number;
  } = {},
): Promise<void> {
  const { domain = null, lane = 1, tags = null, dueInSeconds = null } = more;
  const likes = sql`any(${[like].flat()}::bigint[])`;
  const site = sql`coalesce(replace(${domain}, '%n', n::text), split_part(recipient, '@', 2))`;
  await world.database.db.asEngine(async (tx) => {
    await sql`insert into queue (account_id, subaccount_id, message_id, submission_id, retention_days, lane, domain, due_at, began_at, tags)
      select account_id, subaccount_id, id + n, submission_id, retention_days, ${lane}::int, ${site}, case when ${dueInSeconds}::int is null then now() else now() + make_interval(secs => ${dueInSeconds}::int + n) end, now(), ${tags}::text[]
      from messages, generate_series(1, ${count}::int) n where id = ${likes}`.execute(tx);
    await sql`insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
      select account_id, subaccount_id, id + n, retention_days, submission_id, 'r' || n || '@' || ${site}, 'queued', state_at
      from messages, generate_series(1, ${count}::int) n where id = ${likes}`.execute(tx);
  });
}
