// `npm run interop`: against servers and clients of others. Prints a named "not run" line for what cannot be had here.
import { spawn } from 'node:child_process';
import { ensureProgram, notRun } from './apt.ts';

const files: string[] = [];
if (!ensureProgram('/usr/sbin/postfix', ['postfix']))
  notRun('postfix as a receiving server', 'not installed');
else if (process.getuid?.() !== 0) notRun('postfix as a receiving server', 'needs root');
else files.push('test/interop/postfix.ts');
if (!ensureProgram('/usr/bin/swaks', ['swaks'])) notRun('swaks as a client', 'not installed');
else files.push('test/interop/swaks.ts');

if (!ensureProgram('/usr/lib/postgresql/15/bin/postgres', ['postgresql-15']))
  notRun('PostgreSQL 15 as the outside database', 'not installed');
else if (process.getuid?.() !== 0) notRun('PostgreSQL 15 as the outside database', 'needs root');
else files.push('test/interop/postgres15.ts');

if (files.length > 0) {
  const child = spawn(
    process.execPath,
    ['--test', '--test-isolation=none', '--test-global-setup=test/setup.ts', '--test-force-exit', ...files],
    { stdio: 'inherit' },
  );
  process.exitCode = await new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}
