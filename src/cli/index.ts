/** The operator's commands. Each says what it needs; without one, the program starts. */
import type { Config } from '../base/config.ts';
import { accountsCommand } from './accounts.ts';
import { addressesCommand } from './addresses.ts';
import { exportCommand, importCommand } from './bundles.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { inboundCommand } from './inbound.ts';
import { keysCommand } from './keys.ts';
import { loginLinkCommand } from './login-link.ts';
import { migrateCommand } from './migrate.ts';
import { movingCommand } from './moving.ts';
import { proveIsolationCommand } from './prove-isolation.ts';
import { queueCommand } from './queue.ts';
import { sendCommand } from './send.ts';
import { startCommand } from './start.ts';
import { reputationCommand } from './reputation.ts';
import { stopCommand } from './stop.ts';
import { suppressCommand } from './suppress.ts';
import { tailCommand } from './tail.ts';

/** Gets the words after the command; answers the exit code. */
export type Command = {
  readonly usage: string;
  readonly does: string;
  readonly run: (words: readonly string[], config: Config) => Promise<number>;
};

const commands: Readonly<Record<string, Command>> = {
  start: startCommand,
  demo: demoCommand,
  send: sendCommand,
  accounts: accountsCommand,
  stop: stopCommand,
  reputation: reputationCommand,
  keys: keysCommand,
  'export-subaccount': exportCommand,
  'import-subaccount': importCommand,
  import: movingCommand,
  queue: queueCommand,
  inbound: inboundCommand,
  suppress: suppressCommand,
  addresses: addressesCommand,
  tail: tailCommand,
  'login-link': loginLinkCommand,
  migrate: migrateCommand,
  doctor: doctorCommand,
  'prove-isolation': proveIsolationCommand,
};

export async function runCommand(words: readonly string[], config: Config): Promise<number> {
  const [name = 'start', ...rest] = words;
  const command = commands[name];
  if (command !== undefined) return command.run(rest, config);
  const isAsked = name === 'help' || name === '--help' || name === '-h';
  if (!isAsked) console.error(`lettershop: there is no command "${name}"\n`);
  console.log('usage: lettershop [command]\n');
  for (const [known, { usage, does }] of Object.entries(commands)) {
    console.log(`  ${`${known} ${usage}`.trim().padEnd(44)} ${does}`);
  }
  return isAsked ? 0 : 1;
}
