import { findUnread, listUnread } from '../features/inbound/index.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

const shown = 200;

/** Mail that came back and that nobody could make anything of, and what was written to postmaster. */
export const inboundCommand: Command = {
  usage: '[ID]',
  does: 'list mail that came back and tells nothing, or print one',
  run: ([id], config) =>
    withDatabase(config, async (db) => {
      if (id === undefined) {
        const rows = await listUnread(db.engine, shown);
        for (const { id: mail, at, mailbox, why, mailFrom, recipient, remoteAddress, sizeBytes } of rows) {
          const cells = [mail, at.toISOString(), mailbox, why, `<${mailFrom}>`, recipient, remoteAddress];
          console.log([...cells, `${sizeBytes} bytes`].join('\t'));
        }
        if (rows.length === 0) console.log('There is none.');
        return 0;
      }
      const content = /^\d{1,16}$/.test(id) ? await findUnread(db.engine, id) : null;
      if (content === null) {
        console.error(`lettershop: there is no such mail: ${id}`);
        return 1;
      }
      // What strangers wrote must not steer a terminal.
      const text = content.toString('latin1').replaceAll(/[^\n\r\t -~]/g, '.');
      process.stdout.write(process.stdout.isTTY ? text : content);
      return 0;
    }),
};
