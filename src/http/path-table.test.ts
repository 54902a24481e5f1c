import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { PathTable } from './path-table.ts';

const routes = [
  { method: 'GET', path: '/letters' },
  { method: 'POST', path: '/letters' },
  { method: 'GET', path: '/letters/:id' },
  { method: 'DELETE', path: '/letters/:letterId' },
  { method: 'POST', path: '/letters/search' },
  { method: 'PUT', path: '/letters/:id/pages/:page' },
];

async function found(url: string): Promise<unknown> {
  const table = new PathTable('/api/v1', routes);
  const app = Fastify();
  app.get('/*', (request) => ({ known: table.find(request) }));
  const { body } = await app.inject(url);
  await app.close();
  const { known } = JSON.parse(body) as { known: { path: string; methods: string[] } | null };
  return known === null ? null : `${known.methods.join(',')} ${known.path}`;
}

test('a path below the prefix is known with the methods of all its routes, whatever their params are called', async () => {
  for (const [url, known] of [
    ['/api/v1/letters', 'GET,HEAD,POST /letters'],
    ['/api/v1/letters?page=/2', 'GET,HEAD,POST /letters'],
    ['/api/v1/%6cetters', 'GET,HEAD,POST /letters'],
    ['/api/v1/letters/7', 'DELETE,GET,HEAD /letters/:param'],
    ['/api/v1/letters/a%2Fb', 'DELETE,GET,HEAD /letters/:param'],
    ['/api/v1/letters/7/pages/1', 'PUT /letters/:param/pages/:param'],
    ['/api/v1/letters/7/pages', null],
    ['/api/v1/Letters', null],
    ['/api/v1', null],
    ['/', null],
  ] as const)
    assert.equal(await found(url), known, url);
});

test('patterns that one path may fit are told, so that the nearer one refuses what only the other knows', () => {
  const { overlapping } = new PathTable('/api/v1', routes);
  assert.deepEqual(
    overlapping.map(({ path }) => path),
    ['/letters/:param', '/letters/search'],
  );
});
