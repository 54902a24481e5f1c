import type { ClientBase } from 'pg';

export type ServerFacts = {
  /** 150004 for 15.4 */
  readonly versionNumber: number;
  readonly version: string;
  /** Of the database that the connection is to. */
  readonly encoding: string;
};

/** What decides whether an outside server will do. */
export async function serverFacts(client: ClientBase): Promise<ServerFacts> {
  const { rows } = await client.query<{ number: number; version: string; encoding: string }>(
    `/* postgres.server_facts */
     select current_setting('server_version_num')::int as number,
            current_setting('server_version') as version,
            current_setting('server_encoding') as encoding`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the server told nothing about itself');
  return { versionNumber: row.number, version: row.version, encoding: row.encoding };
}
