// `npm run interop`: against servers and clients of others. Prints a named "not run" line for what cannot be had here.
// Words choose among the files: `npm run interop -- exim swaks`.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureProgram, notRun, unpackPackages } from './apt.ts';
import { runFiles, withPostgres } from './test-files.ts';

const files: string[] = [];
if (!ensureProgram('/usr/sbin/postfix', ['postfix']))
  notRun('postfix as a receiving server', 'not installed');
else if (process.getuid?.() !== 0) notRun('postfix as a receiving server', 'needs root');
else files.push('test/interop/postfix.ts', 'test/interop/smtp-source.ts');
if (!ensureProgram('/usr/bin/swaks', ['swaks'])) notRun('swaks as a client', 'not installed');
else files.push('test/interop/swaks.ts');

if (!ensureProgram('/usr/lib/postgresql/15/bin/postgres', ['postgresql-15']))
  notRun('PostgreSQL 15 as the outside database', 'not installed');
else if (process.getuid?.() !== 0) notRun('PostgreSQL 15 as the outside database', 'needs root');
else files.push('test/interop/postgres15.ts');

// Its package would drive out Postfix's: it runs from where it is unpacked.
const exim = mkdtempSync(join(tmpdir(), 'exim-'));
chmodSync(exim, 0o755);
if (process.getuid?.() !== 0) notRun('Exim as a receiving server', 'needs root');
else if (!unpackPackages(exim, ['exim4-daemon-light', 'libidn12', 'libnss-wrapper']))
  notRun('Exim as a receiving server', 'its package cannot be fetched');
else files.push('test/interop/exim.ts');

const chosen = process.argv.slice(2);
if (chosen.length > 0)
  files.splice(0, files.length, ...files.filter((file) => chosen.some((word) => file.includes(word))));

if (files.length > 0)
  await withPostgres(async () => {
    const { hasPassed } = await runFiles(files, true, { INTEROP_EXIM: exim });
    process.exitCode = hasPassed ? 0 : 1;
  });
rmSync(exim, { recursive: true, force: true });
