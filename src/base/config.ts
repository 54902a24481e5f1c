/**
 * Every setting there is, in one table: name, default, meaning and how it is read. Unknown LETTERSHOP_ names and bad
 * values stop the start with a line that names the setting and the rule.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { StartFault } from './start-fault.ts';

type Setting<T> = {
  /** As the settings table of the README prints it. */
  readonly default: string;
  readonly meaning: string;
  readonly read: (text: string | undefined) => T;
};

function text(meaning: string, fallback: string): Setting<string> {
  return { default: fallback, meaning, read: (value) => value ?? fallback };
}

function optional(meaning: string, shown = 'none'): Setting<string | null> {
  return { default: shown, meaning, read: (value) => (value === undefined || value === '' ? null : value) };
}

function whole(meaning: string, fallback: number, low: number, high: number): Setting<number> {
  return {
    default: String(fallback),
    meaning,
    read: (value) => {
      if (value === undefined || value === '') return fallback;
      const number = Number(value);
      if (!Number.isInteger(number) || number < low || number > high) {
        throw new StartFault(`must be a whole number from ${low} to ${high}, not "${value}"`);
      }
      return number;
    },
  };
}

function oneOf<const T extends string>(meaning: string, choices: readonly T[], fallback: T): Setting<T> {
  return {
    default: fallback,
    meaning,
    read: (value) => {
      const found = choices.find((choice) => choice === (value ?? fallback));
      if (found === undefined) throw new StartFault(`must be one of ${choices.join(', ')}, not "${value}"`);
      return found;
    },
  };
}

function list(meaning: string, shown = 'none'): Setting<readonly string[]> {
  return {
    default: shown,
    meaning,
    read: (value) =>
      (value ?? '')
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
  };
}

const port = (meaning: string, fallback: number): Setting<number> => whole(meaning, fallback, 0, 65_535);

export const settings = {
  DATABASE_URL: optional(
    'use this PostgreSQL (15 or newer) instead of the embedded one; `?options=-c...` sets other limits of its sessions',
    'embedded',
  ),
  LETTERSHOP_DATA_DIR: text('everything kept on disk', './data'),
  LETTERSHOP_HTTP_PORT: port('HTTP listener; 0 = any free port', 8080),
  LETTERSHOP_SMTP_PORT: port('SMTP submission listener; 0 = any free port', 2525),
  LETTERSHOP_INBOUND_PORT: port('SMTP listener for incoming mail; 0 = any free port', 2526),
  LETTERSHOP_HOST: text('address that the listeners bind', '127.0.0.1'),
  LETTERSHOP_PUBLIC_URL: optional('how the outside reaches the console and API', 'http://localhost:PORT'),
  LETTERSHOP_TRACKING_URL: optional('host for opens, clicks and unsubscribe pages, its own origin'),
  LETTERSHOP_MAIL_DOMAIN: text(
    'domain under which the operator publishes the SPF include, bounce, tracking and inbound hosts',
    'mail.lettershop.test',
  ),
  LETTERSHOP_TLS_CERT: optional('certificate chain file (PEM), reloaded on change'),
  LETTERSHOP_TLS_KEY: optional('key file of the certificate (PEM)'),
  LETTERSHOP_HTTPS_PORT: optional('HTTPS listener, with a certificate only'),
  LETTERSHOP_SMTPS_PORT: optional('SMTP listener with implicit TLS, with a certificate only'),
  LETTERSHOP_SMTP_CLEAR_AUTH_FROM: list('CIDRs besides loopback that may authenticate without TLS'),
  LETTERSHOP_TRUSTED_PROXIES: list('CIDRs whose X-Forwarded-For counts'),
  LETTERSHOP_PLACE_HEADER: optional(
    'header in which a trusted proxy says the country of a caller, two letters; kept with opens and clicks',
  ),
  LETTERSHOP_METRICS_PORT: optional('Prometheus metrics, apart from the public port, without tenant labels'),
  LETTERSHOP_MESSAGE_BYTES_MAX: whole('largest message in bytes', 26_214_400, 65_536, 157_286_400),
  LETTERSHOP_MIN_FREE_BYTES: whole('free disk below which accepting stops', 2_147_483_648, 0, 2 ** 50),
  LETTERSHOP_OUTBOUND: oneOf('where mail goes', ['capture', 'direct', 'relay'], 'capture'),
  LETTERSHOP_RELAY_URL: optional('smarthost for relay mode: smtp://user:secret@host:port or smtps://'),
  LETTERSHOP_DNS_SERVERS: list('DNS servers as host:port', "the system's"),
  LETTERSHOP_BLOCKLISTS: list('DNS blocklists that source addresses are looked up in, by their domains'),
  LETTERSHOP_DNSSEC_SERVERS: list(
    'DNS servers as host:port that validate DNSSEC, over a way that nobody can forge: with them DANE counts',
  ),
  LETTERSHOP_MX_PORT: whole('port for direct delivery', 25, 1, 65_535),
  LETTERSHOP_HOSTNAME: text(
    'name in EHLO and Message-ID',
    hostname().includes('.') ? hostname() : 'localhost.localdomain',
  ),
  LETTERSHOP_ADMIN_EMAIL: text("first owner's login", 'owner@lettershop.test'),
  LETTERSHOP_ADMIN_PASSWORD: optional(
    "first owner's password, set at the first start",
    'a one-time login link is printed',
  ),
  LETTERSHOP_BOOTSTRAP_KEY: optional(
    "public:secret of the first account's key with every grant",
    'made and printed',
  ),
  LETTERSHOP_OIDC_ISSUER: optional('OpenID provider that people may log in by, as it calls itself'),
  LETTERSHOP_OIDC_CLIENT_ID: optional('what the provider calls this installation'),
  LETTERSHOP_OIDC_CLIENT_SECRET: optional('what it is known to the provider by'),
  LETTERSHOP_OIDC_HOSTS: list('proven hosts of brands whose redirect address the provider knows; * for all'),
  LETTERSHOP_NET_ALLOW: list('CIDRs that outgoing connections may reach although private'),
  LETTERSHOP_MASTER_KEY: optional(
    '32 bytes, base64, newest first, comma-separated',
    'made in the data folder',
  ),
  LETTERSHOP_NODE_NAME: optional(
    'by which source addresses name the node that has them',
    "the machine's name",
  ),
  LETTERSHOP_NODE_TERM_SECONDS: whole(
    "how long a node's number and leases outlive its last sign of life",
    90,
    3,
    3600,
  ),
  LETTERSHOP_LOG_LEVEL: oneOf('log level', ['error', 'warn', 'info', 'debug', 'silent'], 'info'),
} satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof settings;
export type Config = { readonly [Name in SettingName]: ReturnType<(typeof settings)[Name]['read']> };

/** Reads the settings from an environment; throws StartFault on the first unknown name or bad value. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  for (const name of Object.keys(environment)) {
    if (name.startsWith('LETTERSHOP_') && !(name in settings)) {
      throw new StartFault(`${name}: there is no such setting${nearest(name)}`);
    }
  }
  const values = Object.entries(settings).map(([name, setting]) => {
    try {
      return [name, setting.read(environment[name])] as const;
    } catch (error) {
      throw error instanceof StartFault ? new StartFault(`${name} ${error.message}`) : error;
    }
  });
  const config = Object.fromEntries(values) as Config;
  checkTogether(config);
  return config;
}

function checkTogether(config: Config): void {
  if ((config.LETTERSHOP_TLS_CERT === null) !== (config.LETTERSHOP_TLS_KEY === null)) {
    throw new StartFault('LETTERSHOP_TLS_CERT and LETTERSHOP_TLS_KEY must be given together');
  }
  if (config.LETTERSHOP_OUTBOUND === 'relay' && config.LETTERSHOP_RELAY_URL === null) {
    throw new StartFault('LETTERSHOP_RELAY_URL is needed when LETTERSHOP_OUTBOUND is relay');
  }
  checkOidc(config);
  checkTracking(config);
  for (const name of ['LETTERSHOP_HTTPS_PORT', 'LETTERSHOP_SMTPS_PORT'] as const) {
    if (config[name] !== null && config.LETTERSHOP_TLS_CERT === null) {
      throw new StartFault(`${name} needs LETTERSHOP_TLS_CERT`);
    }
  }
  for (const name of ['LETTERSHOP_HTTPS_PORT', 'LETTERSHOP_SMTPS_PORT', 'LETTERSHOP_METRICS_PORT'] as const) {
    const value = config[name];
    if (value !== null && !/^\d{1,5}$/.test(value))
      throw new StartFault(`${name} must be a port, not "${value}"`);
  }
}

function checkTracking({ LETTERSHOP_TRACKING_URL: url }: Config): void {
  if (url !== null && !/^https?:\/\/[^/?#\s]+\/*$/.test(url))
    throw new StartFault('LETTERSHOP_TRACKING_URL must be http:// or https:// and a host, without a path');
}

function checkOidc(config: Config): void {
  const { LETTERSHOP_OIDC_ISSUER: issuer, LETTERSHOP_OIDC_CLIENT_ID: id } = config;
  const given = [issuer, id, config.LETTERSHOP_OIDC_CLIENT_SECRET].filter((value) => value !== null);
  if (given.length !== 0 && given.length !== 3)
    throw new StartFault('LETTERSHOP_OIDC_ISSUER, _CLIENT_ID and _CLIENT_SECRET must be given together');
  if (issuer !== null && (!URL.canParse(issuer) || !/^https?:$/.test(new URL(issuer).protocol)))
    throw new StartFault(`LETTERSHOP_OIDC_ISSUER must be a URL, not "${issuer}"`);
  const hosts = config.LETTERSHOP_OIDC_HOSTS;
  if (hosts.length > 0 && issuer === null)
    throw new StartFault(
      'LETTERSHOP_OIDC_HOSTS says where people log in by LETTERSHOP_OIDC_ISSUER: give both',
    );
  for (const host of hosts)
    if (host !== '*' && !/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(host))
      throw new StartFault(`LETTERSHOP_OIDC_HOSTS must be names of hosts or *, not "${host}"`);
}

/** The process's environment over the `.env` file beside it. */
export function environmentWithFile(path = resolve('.env')): Record<string, string | undefined> {
  let file: Record<string, string | undefined> = {};
  try {
    file = parseEnv(readFileSync(path, 'utf8'));
  } catch {
    file = {};
  }
  return { ...file, ...process.env };
}

function nearest(name: string): string {
  const words = new Set(name.split('_'));
  const scored = Object.keys(settings)
    .map((known) => ({ known, common: known.split('_').filter((word) => words.has(word)).length }))
    .sort((a, b) => b.common - a.common)[0];
  return scored !== undefined && scored.common > 1 ? `; did you mean ${scored.known}?` : '';
}
