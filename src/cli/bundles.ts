import { createReadStream, createWriteStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGunzip, createGzip } from 'node:zlib';
import { systemClock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import type { Database } from '../base/database/database.ts';
import { errorText, silentLog } from '../base/log.ts';
import { makeAccess } from '../features/access/index.ts';
import { accountOf, allAccounts } from '../features/accounts/index.ts';
import type { Account } from '../features/accounts/index.ts';
import { exportBundle, importBundle } from '../features/bundles/index.ts';
import type { BundleWorld } from '../features/bundles/index.ts';
import { isRefusal } from '../features/refusals/index.ts';
import type { Command } from './index.ts';
import { readKeyring, withDatabase } from './with-store.ts';

async function worldOf(config: Config, db: Database): Promise<BundleWorld> {
  const ring = await readKeyring(config);
  return { db, clock: systemClock, ring, mailDomain: config.LETTERSHOP_MAIL_DOMAIN };
}

/** In a file, so that it stands in no list of processes. */
async function passphraseIn(path: string | undefined): Promise<string | null> {
  return path === undefined ? null : (await readFile(path, 'utf8')).trim();
}

/** A refusal, line by line, as the operator reads it. */
function tell(command: string, error: unknown): number {
  const faults = isRefusal(error) ? (error.details.errors ?? []) : [];
  console.error(`lettershop ${command}: ${errorText(error)}`);
  for (const { field, message } of faults) console.error(`  ${field} ${message}`);
  return 1;
}

export const exportCommand: Command = {
  usage: 'NUMBER [--out FILE] [--gzip] [--passphrase-file FILE]',
  does: 'write a subaccount as a bundle; with a passphrase its secrets too, sealed',
  run: (words, config) =>
    withDatabase(config, async (db) => {
      const { values, positionals } = parseArgs({
        args: [...words],
        allowPositionals: true,
        options: {
          out: { type: 'string' },
          gzip: { type: 'boolean', default: false },
          'passphrase-file': { type: 'string' },
        },
      });
      const [id = ''] = positionals;
      const account = /^\d{1,10}$/.test(id) ? await accountOf(db, Number(id)) : null;
      if (account === null) {
        console.error(`lettershop export-subaccount: there is no subaccount "${id}"`);
        return 1;
      }
      await using access = makeAccess({ db, clock: systemClock, log: silentLog });
      try {
        const passphrase = await passphraseIn(values['passphrase-file']);
        const world = await worldOf(config, db);
        const lines = Readable.from(
          await exportBundle(world, access.operatorScope(account), id, { passphrase }),
        );
        // What is sealed in it is still nobody else's to read.
        const out = values.out === undefined ? null : createWriteStream(values.out, { mode: 0o600 });
        const zip = values.gzip ? [createGzip()] : [];
        if (out === null) await pipeline([lines, ...zip, process.stdout], { end: false });
        else await pipeline([lines, ...zip, out]);
        return 0;
      } catch (error) {
        return tell('export-subaccount', error);
      }
    }),
};

export const importCommand: Command = {
  usage: 'FILE [--account ID] [--external-id X] [--passphrase-file FILE]',
  does: 'make a subaccount from a bundle (plain or gzip), whole or not at all',
  run: (words, config) =>
    withDatabase(config, async (db) => {
      const { values, positionals } = parseArgs({
        args: [...words],
        allowPositionals: true,
        options: {
          account: { type: 'string' },
          'external-id': { type: 'string' },
          'passphrase-file': { type: 'string' },
        },
      });
      const [file] = positionals;
      const account = await chosenAccount(db, values.account);
      if (file === undefined || account === undefined) {
        console.error(`lettershop import-subaccount ${importCommand.usage}`);
        return 1;
      }
      await using access = makeAccess({ db, clock: systemClock, log: silentLog });
      try {
        const lines = await linesOf(file);
        const report = await importBundle(await worldOf(config, db), access.operatorScope(account), lines, {
          passphrase: await passphraseIn(values['passphrase-file']),
          externalId: values['external-id'] ?? null,
        });
        console.log(JSON.stringify(report, null, 2));
        return 0;
      } catch (error) {
        return tell('import-subaccount', error);
      }
    }),
};

async function chosenAccount(db: Database, id: string | undefined): Promise<Account | undefined> {
  const accounts = await allAccounts(db);
  return id === undefined ? accounts[0] : accounts.find((account) => String(account.id) === id);
}

/** The file's lines, read anew each time they are asked for; gzip is told by its first bytes (RFC 1952 2.3.1). */
async function linesOf(path: string): Promise<() => AsyncIterable<string>> {
  await using handle = await open(path);
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  const isZipped = buffer.readUInt16BE(0) === 0x1f8b;
  return () => {
    const file = createReadStream(path);
    if (!isZipped) return createInterface({ input: file, crlfDelay: Infinity });
    const unzipped = createGunzip();
    file.on('error', (error) => unzipped.destroy(error));
    return createInterface({ input: file.pipe(unzipped), crlfDelay: Infinity });
  };
}
