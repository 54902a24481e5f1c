import { join } from 'node:path';
import type { Config } from '../base/config.ts';
import { makeLog } from '../base/log.ts';
import { startProgram } from '../main/program.ts';
import type { Program } from '../main/program.ts';
import type { Command } from './index.ts';

const outboundLines: Record<Config['LETTERSHOP_OUTBOUND'], string> = {
  capture:
    'capture: mail takes the real delivery path into the built-in mailbox; nothing leaves this machine',
  direct: 'direct: mail leaves for the recipients’ mail servers (MX)',
  relay: 'relay: mail leaves through the smarthost of LETTERSHOP_RELAY_URL',
};

export const startCommand: Command = {
  usage: '',
  does: 'start the program (the default)',
  run: async (_words, config) => {
    const log = makeLog(config.LETTERSHOP_LOG_LEVEL);
    const program = await startProgram({ config, log });
    await printStart(program, config);
    const why = await Promise.race([signalled(), program.broken]);
    console.log(`Stopping (${why}) ...`);
    await program.stop();
    return why.startsWith('SIG') ? 0 : 1;
  },
};

function signalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}

async function printStart(program: Program, config: Config): Promise<void> {
  const { doors, firstLogin, store } = program;
  const host = config.LETTERSHOP_HOST;
  const mailDomain = config.LETTERSHOP_MAIL_DOMAIN;
  console.log(`
Lettershop is ready.

  Console and API   ${doors.publicUrl}
  SMTP submission   ${host}:${doors.smtpPort}
  Incoming mail     ${host}:${doors.inboundPort} (bounces and complaints; port 25 outside)
  API reference     ${doors.publicUrl}/api/v1/reference
  Data folder       ${store.folder.path}
  Outgoing mail     ${outboundLines[config.LETTERSHOP_OUTBOUND]}
  To publish in DNS spf.${mailDomain} (TXT: your sending addresses), bounce.${mailDomain} (MX to this host),
                    *.in.${mailDomain} (addresses of this host, for mail that tenants receive),
                    *.track.${mailDomain} (the host of links); what is missing: npm run lettershop -- doctor`);
  if (firstLogin === null) {
    console.log(`  Log in            npm run lettershop -- login-link\n`);
    return;
  }
  const text = firstSteps(program, firstLogin);
  await store.folder.write('first-login.txt', text);
  console.log(
    `${text}\nShown once; also in ${join(store.folder.path, 'first-login.txt')} until the first login.\n`,
  );
}

function firstSteps(
  { doors }: Program,
  { key, loginToken, email }: NonNullable<Program['firstLogin']>,
): string {
  const body = JSON.stringify({
    from: { email: 'hello@lettershop.test', name: 'Lettershop' },
    to: [{ email: 'you@inbox.test' }],
    subject: 'First letter',
    text: 'It works.',
  });
  return `
  One-time login    ${doors.publicUrl}/login/${loginToken}   (${email}, valid for 24 hours)
  API key           ${key}

Send a first mail (it arrives in the built-in mailbox, shown on the console's page):

  curl -sS ${doors.publicUrl}/api/v1/messages -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${body}'
`;
}
