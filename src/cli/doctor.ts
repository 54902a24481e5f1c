import { freeBytes } from '../base/disk.ts';
import { DnsClient, parseServers, systemServers } from '../base/dns/index.ts';
import { systemClock } from '../base/clock.ts';
import { installationKeys, txtOf } from '../features/domains/index.ts';
import { clockSkewMs } from '../main/sql.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

type Finding = { readonly ok: boolean; readonly text: string };

const clockSkewMaxMs = 2000;

/** First version: disk, clock against the database, the records that the operator publishes. */
export const doctorCommand: Command = {
  usage: '',
  does: 'look at disk, clock and DNS, and say what is wrong',
  run: async (_words, config) => {
    const findings: Finding[] = [];
    const free = await freeBytes(config.LETTERSHOP_DATA_DIR).catch(() => null);
    findings.push(
      free === null
        ? { ok: false, text: `the data folder ${config.LETTERSHOP_DATA_DIR} cannot be looked at` }
        : { ok: free > config.LETTERSHOP_MIN_FREE_BYTES, text: `disk: ${Math.round(free / 1e6)} MB free` },
    );
    const skewMs = await withDatabase(config, (db) => clockSkewMs(db.engine));
    findings.push({
      ok: skewMs < clockSkewMaxMs,
      text: `clock: ${Math.round(skewMs)} ms from the database's`,
    });
    if (config.LETTERSHOP_OUTBOUND === 'direct') findings.push(...(await lookAtDns(config)));
    for (const { ok, text } of findings) console.log(`${ok ? 'ok   ' : 'WRONG'} ${text}`);
    return findings.every(({ ok }) => ok) ? 0 : 1;
  },
};

async function lookAtDns(config: Parameters<Command['run']>[1]): Promise<Finding[]> {
  const listed = config.LETTERSHOP_DNS_SERVERS;
  const servers = listed.length > 0 ? parseServers(listed.join(',')) : systemServers();
  await using dns = new DnsClient({ servers, clock: systemClock, random: Math.random });
  const domain = config.LETTERSHOP_MAIL_DOMAIN;
  const keys = await withDatabase(config, (db) => installationKeys(db.engine, domain));
  const txt = txtOf((name, type) => dns.resolve(name, type));
  const asked = [
    [`spf.${domain}`, 'TXT', 'your sending addresses, for customers to include'],
    [`bounce.${domain}`, 'MX', 'where bounces come in'],
    [`any.in.${domain}`, 'A', 'where mail of inbound domains comes in: publish *.in'],
    [`any.track.${domain}`, 'A', 'where links of tracking domains lead: publish *.track'],
    [config.LETTERSHOP_HOSTNAME, 'A', 'the name in EHLO must resolve'],
  ] as const;
  const published = keys.map(async ({ selector, record }): Promise<Finding> => {
    const name = `${selector}._domainkey.${domain}`;
    const isThere = (await txt(name))?.includes(record) === true;
    const text = `DNS TXT ${name}: ${isThere ? 'found' : `publish ${record}`} (signs notices, and senders without a domain)`;
    return { ok: isThere, text };
  });
  const found = asked.map(async ([name, type, meaning]): Promise<Finding> => {
    const outcome = await dns.resolve(name, type);
    return { ok: outcome.kind === 'found', text: `DNS ${type} ${name}: ${outcome.kind} (${meaning})` };
  });
  return await Promise.all([...found, ...published]);
}
