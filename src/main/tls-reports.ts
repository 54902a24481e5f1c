/** What the daily TLS reports are handed: they leave as mail of the installation's own account, or by HTTPS. */
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import type { Database } from '../base/database/database.ts';
import type { Log } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import { sendRaw } from '../features/messages/index.ts';
import type { MessageWorld } from '../features/messages/index.ts';
import { parseAddress } from '../mail/address.ts';
import type { BackgroundWorld } from './background.ts';
import type { Outbound } from './outbound.ts';

export function reportingFor(parts: {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly db: Database;
  readonly outbound: Outbound;
  readonly messages: MessageWorld;
  /** Of the installation's own account. */
  readonly scope: Scope;
}): BackgroundWorld['transport'] {
  const { config, clock, log, db, outbound, messages, scope } = parts;
  const { transport, resolve, httpsPost } = outbound;
  if (transport === null) return null;
  const contact = `tls-reports@${config.LETTERSHOP_MAIL_DOMAIN}`;
  const { LETTERSHOP_HOSTNAME: hostname, LETTERSHOP_MAIL_DOMAIN: organization } = config;
  return {
    ...transport,
    reports: {
      db: db.engine,
      clock,
      log,
      resolve,
      httpsPost,
      organization,
      contact,
      sendMail: async ({ to, bytes, key }) => {
        const address = parseAddress(to);
        if (address === null) return;
        await sendRaw(
          messages,
          scope,
          {
            bytes,
            mailFrom: contact,
            recipients: [{ address }],
            smtputf8: false,
            requireTls: false,
            trace: { helo: hostname, protocol: 'local', hostname },
          },
          { idempotencyKey: key },
        );
      },
    },
  };
}
