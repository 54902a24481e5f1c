// A PostgreSQL that is not ours: the meaning of DATABASE_URL, and whether the server behind it will do.
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { Client, type ClientConfig, DatabaseError } from 'pg';
import { StartFault, errorLine, systemReason } from '../start-fault.ts';
import { type ServerFacts, serverFacts } from './sql.ts';

export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

export type OutsideTarget = {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly sslMode: SslMode;
  readonly certificateFiles: Readonly<Partial<Record<CertificateFile, string>>>;
  readonly applicationName: string | undefined;
  readonly connectTimeoutMs: number;
  /** Settings of each session, `-c name=value ...`. */
  readonly options: string | undefined;
};

type CertificateFile = 'sslrootcert' | 'sslcert' | 'sslkey';

const sslModes: readonly string[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];
const known = [
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'sslmode',
  'application_name',
  'connect_timeout',
  'options',
];
const certificateNames: readonly CertificateFile[] = ['sslrootcert', 'sslcert', 'sslkey'];
const oldestVersion = 150_000;

function fault(why: string): StartFault {
  return new StartFault(`DATABASE_URL ${why}`);
}

/**
 * Reads a URL in libpq's form (`postgres://user:password@host:5432/name?sslmode=...`; `?host=/folder` for a unix socket).
 * An unknown parameter is refused rather than ignored. No message repeats the URL: it holds the password. Pure.
 */
export function parseDatabaseUrl(text: string): OutsideTarget {
  const url = URL.parse(text.trim());
  if (url === null) throw fault('is not a URL: postgres://user:password@host:5432/name is its form');
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw fault('must begin with postgres:// or postgresql://');
  const { searchParams } = url;
  for (const name of searchParams.keys()) {
    if (!known.includes(name) && !certificateNames.some((each) => each === name)) {
      throw fault(
        `has the unknown parameter ${name}: known are ${[...known, ...certificateNames].join(', ')}`,
      );
    }
  }
  const host = searchParams.get('host') ?? decode(url.hostname)?.replaceAll(/^\[|\]$/g, '') ?? 'localhost';
  if (host.includes(',')) throw fault('names several hosts: one is supported');
  const isSocket = host.startsWith('/');
  const certificateFiles = Object.fromEntries(
    certificateNames.flatMap((name) => {
      const file = searchParams.get(name);
      return file === null ? [] : [[name, file]];
    }),
  );
  return {
    host,
    port: wholeNumber(searchParams.get('port') ?? (url.port || '5432'), 'port', 65_535),
    user: searchParams.get('user') ?? decode(url.username),
    password: searchParams.get('password') ?? decode(url.password),
    database: searchParams.get('dbname') ?? decode(url.pathname.slice(1)),
    sslMode: sslModeOf(searchParams.get('sslmode'), isSocket),
    certificateFiles,
    applicationName: searchParams.get('application_name') ?? undefined,
    connectTimeoutMs:
      wholeNumber(searchParams.get('connect_timeout') ?? '10', 'connect_timeout', 3_600) * 1_000,
    options: searchParams.get('options') ?? undefined,
  };
}

/** Undefined for an empty part. */
function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part) || undefined;
  } catch {
    throw fault('has a % that begins no escape: write %25 for it');
  }
}

function wholeNumber(text: string, name: string, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) throw fault(`has a ${name} that is no number from 1 to ${max}`);
  return value;
}

function sslModeOf(mode: string | null, isSocket: boolean): SslMode {
  if (mode !== null && !sslModes.includes(mode)) {
    throw fault(`has an unknown sslmode: known are ${sslModes.join(', ')}`);
  }
  if (isSocket) return 'disable';
  return mode === null ? 'prefer' : (mode as SslMode);
}

/**
 * The TLS part, as libpq means it: `require` encrypts without asking who answers, unless a root certificate is given;
 * `verify-ca` checks the chain, `verify-full` the name too. False for none.
 */
async function tlsOf(target: OutsideTarget): Promise<false | ConnectionOptions> {
  const { sslMode, certificateFiles } = target;
  if (sslMode === 'disable' || sslMode === 'allow') return false;
  const read = async (name: CertificateFile): Promise<string | undefined> => {
    const file = certificateFiles[name];
    if (file === undefined || file === 'system') return undefined;
    return readFile(file, 'utf8').catch((error: unknown) => {
      throw fault(`names ${name}=${file}, which cannot be read: ${systemReason(error)}`);
    });
  };
  const [ca, cert, key] = [await read('sslrootcert'), await read('sslcert'), await read('sslkey')];
  const isVerified = sslMode.startsWith('verify') || (sslMode === 'require' && ca !== undefined);
  return {
    rejectUnauthorized: isVerified,
    ...(sslMode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

export type OutsidePostgres = ServerFacts & {
  /** For `pg`; holds the password. */
  readonly connection: ClientConfig;
};

/**
 * Connects once, settles `prefer` (TLS where the server has it, else plain) and `allow` (the other way round), and
 * refuses a server older than 15 or a database that is not UTF8. Throws StartFaults without the password.
 */
export async function findOutside(databaseUrl: string): Promise<OutsidePostgres> {
  const target = parseDatabaseUrl(databaseUrl);
  const { sslMode } = target;
  const tls = await tlsOf(target);
  const tries: (false | ConnectionOptions)[] = [tls];
  if (sslMode === 'prefer') tries.push(false);
  if (sslMode === 'allow') tries.push(await tlsOf({ ...target, sslMode: 'prefer' }));
  let firstError: unknown = null;
  for (const ssl of tries) {
    const connection = configOf(target, ssl);
    try {
      return accept({ connection, ...(await ask(connection)) });
    } catch (error) {
      if (error instanceof StartFault) throw error;
      firstError ??= error;
      if (!mayTryOtherWay(error)) break;
    }
  }
  const why = errorLine(firstError) || 'no answer';
  throw fault(`leads to ${target.host}:${target.port}, which cannot be used: ${why}`);
}

/** Not after a wrong password or the like: the second way could send it in clear. 28000 is "not over this kind of line". */
function mayTryOtherWay(error: unknown): boolean {
  return !(error instanceof DatabaseError) || error.code === '28000';
}

function configOf(target: OutsideTarget, ssl: false | ConnectionOptions): ClientConfig {
  const { host, port, user, password, database, applicationName, options } = target;
  return {
    host,
    port,
    ssl,
    connectionTimeoutMillis: target.connectTimeoutMs,
    application_name: applicationName ?? 'lettershop',
    ...(options === undefined ? {} : { options }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
  };
}

async function ask(connection: ClientConfig): Promise<ServerFacts> {
  const client = new Client({ ...connection, query_timeout: connection.connectionTimeoutMillis });
  // A connection that breaks while idle reports here as well; the query or the end below carries the outcome.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await serverFacts(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Pure: the server's facts, or the reason in one line why they will not do. */
export function accept<T extends ServerFacts>(found: T): T {
  if (found.versionNumber < oldestVersion) {
    throw fault(`leads to PostgreSQL ${found.version}: 15 or newer is needed`);
  }
  if (found.encoding !== 'UTF8') {
    throw fault(`leads to a database with encoding ${found.encoding}: make one with encoding UTF8`);
  }
  return found;
}
