/** Reading stored content. HOT PATH (engine role): one statement for the submissions that are claimed together. */
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { SubmissionOptions } from '../messages/index.ts';
import type { LeasedMessage } from '../queue/index.ts';
import type { Content } from './content.ts';

type Row = {
  ord: number;
  format: 'raw' | 'parts';
  content: Buffer;
  mail_from: string;
  domain_id: string;
  options: SubmissionOptions;
};

const readText = `/* delivery.content */
select i.ord::int, s.format, s.content, s.mail_from, s.domain_id, s.options
from unnest($1::int[], $2::bigint[], $3::smallint[]) with ordinality as i (subaccount_id, id, retention_days, ord)
join submissions s on s.subaccount_id = i.subaccount_id and s.id = i.id and s.retention_days = i.retention_days`;

/** Per message its submission's content, null when the store has none. */
export async function readContents(
  connection: HotConnection,
  messages: readonly LeasedMessage[],
): Promise<readonly (Content | null)[]> {
  const result = await connection.query<Row>('delivery.content', readText, [
    messages.map((message) => message.subaccountId),
    messages.map((message) => message.submissionId),
    messages.map((message) => message.retentionDays),
  ]);
  const contents = messages.map((): Content | null => null);
  for (const row of result.rows) {
    contents[row.ord - 1] = {
      format: row.format,
      bytes: row.content,
      mailFrom: row.mail_from,
      domainId: row.domain_id,
      options: row.options,
      shared: {},
    };
  }
  return contents;
}
