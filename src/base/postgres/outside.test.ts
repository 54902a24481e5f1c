import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { TLSSocket, createSecureContext } from 'node:tls';
import { collectLog, scratch } from '../../../test/postgres-ground.ts';
import { accept, findOutside, parseDatabaseUrl } from './outside.ts';
import type { Connection } from './place.ts';
import { startPostgres } from './postgres.ts';

test('a DATABASE_URL is read as libpq reads it', () => {
  const plain = parseDatabaseUrl('postgres://mail%40x:p%2Fw%25@db.example:6543/shop?sslmode=require');
  assert.deepEqual(plain, {
    host: 'db.example',
    port: 6_543,
    user: 'mail@x',
    password: 'p/w%',
    database: 'shop',
    sslMode: 'require',
    certificateFiles: {},
    applicationName: undefined,
    connectTimeoutMs: 10_000,
    options: undefined,
  });
  const { options } = parseDatabaseUrl('postgres:///shop?options=-c%20statement_timeout%3D60000');
  assert.equal(options, '-c statement_timeout=60000');
  const hosts = [
    'postgresql:///shop?host=/run/pg&user=a&port=5433',
    'postgres://%2Frun%2Fpg/shop',
    'postgres://[::1]/shop',
    'postgres:///shop',
  ].map((text) => {
    const { host, sslMode, port } = parseDatabaseUrl(text);
    return [host, sslMode, port];
  });
  assert.deepEqual(hosts, [
    ['/run/pg', 'disable', 5_433],
    ['/run/pg', 'disable', 5_432],
    ['::1', 'prefer', 5_432],
    ['localhost', 'prefer', 5_432],
  ]);
});

test('a DATABASE_URL that cannot be meant is refused in one line without its password', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['hunter2', /is not a URL/],
    ['mysql://u:hunter2@h/d', /must begin with postgres/],
    ['postgres://u:hunter2@h/d?sslmode=maybe', /unknown sslmode/],
    ['postgres://u:hunter2@h/d?ssl=true', /unknown parameter ssl:/],
    ['postgres://u:hunter2%@h/d', /begins no escape/],
    ['postgres://u:hunter2@h/d?host=a,b', /several hosts/],
    ['postgres://u:hunter2@h/d?port=0', /port that is no number/],
    ['postgres://u:hunter2@h/d?connect_timeout=soon', /connect_timeout that is no number/],
  ];
  for (const [text, why] of cases) {
    assert.throws(
      () => parseDatabaseUrl(text),
      (error: Error) => {
        assert.equal(error.name, 'StartFault');
        assert.match(error.message, why);
        return !error.message.includes('hunter2') && !error.message.includes('\n');
      },
    );
  }
});

test('a server older than 15, or a database that is not UTF8, is refused with what was found', () => {
  const facts = { versionNumber: 150_000, version: '15.0', encoding: 'UTF8' };
  assert.equal(accept(facts), facts);
  assert.throws(() => accept({ ...facts, versionNumber: 149_999, version: '14.9' }), /14\.9: 15 or newer/);
  assert.throws(() => accept({ ...facts, encoding: 'SQL_ASCII' }), /encoding SQL_ASCII/);
});

/** Puts a TCP listener before a unix socket; with a certificate it also answers a request for TLS. */
async function listener(target: Connection, pem: { key: string; cert: string } | null) {
  const secured: boolean[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      const isTlsRequest = first.length === 8 && first.readInt32BE(4) === 80_877_103;
      secured.push(isTlsRequest && pem !== null);
      if (!isTlsRequest) return join2(socket, first);
      socket.write(pem === null ? 'N' : 'S');
      if (pem === null) return socket.once('data', (next: Buffer) => join2(socket, next));
      const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(pem) });
      secure.on('error', () => secure.destroy());
      return secure.once('data', (next: Buffer) => join2(secure, next));
    });
  });
  const join2 = (socket: Socket, first: Buffer): void => {
    const inner = connect(join(target.host, '.s.PGSQL.5432'));
    inner.on('error', () => socket.destroy());
    inner.write(first);
    socket.pipe(inner).pipe(socket);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    secured,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

test('sslmode is honoured against a real server with TLS and without', async (t) => {
  await using place = await scratch();
  const [keyFile, certFile] = [join(place.path, 'key.pem'), join(place.path, 'cert.pem')];
  const made = spawnSync(
    'openssl',
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=db.example'
      .split(' ')
      .concat('-addext', 'subjectAltName=DNS:db.example', '-keyout', keyFile, '-out', certFile),
  );
  if (made.status !== 0) return t.skip('not run: no openssl program to make a certificate');
  const pem = { key: await readFile(keyFile, 'utf8'), cert: await readFile(certFile, 'utf8') };
  await using postgres = await startPostgres({
    folder: place.path,
    log: collectLog(),
    settings: { fsync: false, sharedBuffersMb: 16 },
  });
  const socket = await findOutside(`postgres:///postgres?host=${postgres.connection.host}&user=postgres`);
  assert.ok(socket.versionNumber >= 180_000);

  const outcome = async (pemOrNone: typeof pem | null, parameters: string): Promise<string> => {
    await using proxy = await listener(postgres.connection, pemOrNone);
    const url = `postgres://postgres@127.0.0.1:${proxy.port}/postgres?${parameters}`;
    return await findOutside(url).then(
      () => (proxy.secured.at(-1) === true ? 'encrypted' : 'plain'),
      (error: Error) => `${error.name} ${/(?:used|read): ([^;]*)/.exec(error.message)?.[1]}`,
    );
  };
  const noTls = 'StartFault The server does not support SSL connections';
  assert.deepEqual(
    {
      disable: await outcome(pem, 'sslmode=disable'),
      allow: await outcome(pem, 'sslmode=allow'),
      prefer: await outcome(pem, 'sslmode=prefer'),
      preferWithout: await outcome(null, ''),
      require: await outcome(pem, 'sslmode=require'),
      requireWithout: await outcome(null, 'sslmode=require'),
      untrusted: await outcome(pem, 'sslmode=verify-ca'),
      trusted: await outcome(pem, `sslmode=verify-ca&sslrootcert=${certFile}`),
      rootMissing: await outcome(pem, 'sslmode=verify-ca&sslrootcert=/nowhere.pem'),
    },
    {
      disable: 'plain',
      allow: 'plain',
      prefer: 'encrypted',
      preferWithout: 'plain',
      require: 'encrypted',
      requireWithout: noTls,
      untrusted: 'StartFault self-signed certificate',
      trusted: 'encrypted',
      rootMissing: 'StartFault a part of the path is missing',
    },
  );
  assert.match(
    await outcome(pem, `sslmode=verify-full&sslrootcert=${certFile}`),
    /^StartFault Hostname\/IP does not match certificate/,
  );
});

test('a server that does not answer is told with host and port', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await assert.rejects(findOutside(`postgres://u:hunter2@127.0.0.1:${port}/d`), (error: Error) => {
    assert.equal(error.name, 'StartFault');
    assert.match(
      error.message,
      new RegExp(`leads to 127.0.0.1:${port}, which cannot be used: .*ECONNREFUSED`),
    );
    return !error.message.includes('hunter2');
  });
});
