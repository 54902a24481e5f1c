/** Follows an export to its file. */
import assert from 'node:assert/strict';
import { unzip } from '../doubles/unzip.ts';
import type { World } from '../world.ts';

export type Export = {
  readonly id: string;
  readonly state: string;
  readonly rows: number;
  readonly coversAccount: boolean;
  readonly url: string | null;
  readonly expiresAt: string | null;
};

export function finished(world: World, id: string, secret?: string): Promise<Export> {
  return world.until(
    () => world.ok<Export>('GET', `/exports/${id}`, secret === undefined ? {} : { secret }),
    ({ state }) => state === 'complete' || state === 'failed',
  );
}

/** Where a link leads on this machine. */
export function linkOf(world: World, url: string | null): string {
  assert.ok(url !== null, 'no link');
  return `${world.url}${new URL(url).pathname}`;
}

/** The name of the one file, and its lines. */
export async function fetched(
  world: World,
  url: string | null,
): Promise<{ readonly name: string; readonly lines: readonly string[] }> {
  const response = await fetch(linkOf(world, url));
  assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/zip']);
  const [[name = '', text = ''] = [], ...more] = unzip(Buffer.from(await response.arrayBuffer()));
  assert.deepEqual(more, []);
  return { name, lines: text.split('\r\n').slice(0, -1) };
}
