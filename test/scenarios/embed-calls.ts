/** How links are made and opened in tests: as the parent's program and the page of the document do it. */
import assert from 'node:assert/strict';
import type { World } from '../world.ts';

export type Made = {
  readonly id: string;
  readonly url: string;
  readonly subaccountId: number;
  readonly state: string;
  readonly expiresAt: string;
};

export function makeEmbed(
  world: World,
  body: Readonly<Record<string, unknown>>,
  by: { readonly secret?: string } = {},
): Promise<Made> {
  return world.ok('POST', '/embeds', {
    body: { frameAncestors: ['https://app.example.com'], ...body },
    ...by,
  });
}

/** The address as this world's other calls use it. */
function here(world: World, url: string): string {
  return world.url + new URL(url).pathname;
}

export function lookAt(world: World, url: string): Promise<Response> {
  return fetch(here(world, url), { headers: { 'x-forwarded-for': '192.0.2.80' } });
}

export type Opening = {
  readonly status: number;
  readonly body: { readonly secret?: string; readonly seconds?: number };
  readonly problem: Readonly<Record<string, unknown>>;
};

export async function openEmbed(
  world: World,
  { url }: Pick<Made, 'url'>,
  address = '192.0.2.81',
): Promise<Opening> {
  const answer = await fetch(here(world, url), {
    method: 'POST',
    headers: { origin: world.url, 'sec-fetch-site': 'same-origin', 'x-forwarded-for': address },
  });
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const body = (await answer.json()) as Record<string, string>;
  return { status: answer.status, body, problem: body };
}

type Me = { readonly current: { readonly reach: readonly number[]; readonly grants: readonly string[] } };

export function viewOf(world: World, secret: string): Promise<Me> {
  return world.ok('GET', '/me', { secret });
}
