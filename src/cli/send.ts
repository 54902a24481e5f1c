import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Command } from './index.ts';

/** Sends one mail through the running program's API, as any client would. */
export const sendCommand: Command = {
  usage: '--key K --from A --to B --subject S --text T',
  does: 'send one mail through the running program',
  run: async (words, config) => {
    const { values } = parseArgs({
      args: [...words],
      options: {
        key: { type: 'string' },
        from: { type: 'string', default: 'hello@lettershop.test' },
        to: { type: 'string' },
        subject: { type: 'string', default: 'A letter' },
        text: { type: 'string', default: 'It works.' },
      },
    });
    if (values.key === undefined || values.to === undefined) {
      console.error('lettershop send: --key and --to are needed');
      return 1;
    }
    const path = join(config.LETTERSHOP_DATA_DIR, 'listening.json');
    const listening = JSON.parse(await readFile(path, 'utf8').catch(() => 'null')) as {
      http: { host: string; port: number };
    } | null;
    if (listening === null) {
      console.error(`lettershop send: no program runs on ${config.LETTERSHOP_DATA_DIR}`);
      return 1;
    }
    const response = await fetch(`http://${listening.http.host}:${listening.http.port}/api/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${values.key}` },
      body: JSON.stringify({
        from: { email: values.from },
        to: [{ email: values.to }],
        subject: values.subject,
        text: values.text,
      }),
    });
    console.log(JSON.stringify(await response.json(), null, 2));
    return response.ok ? 0 : 1;
  },
};
