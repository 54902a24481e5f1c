import pino from 'pino';
import { redact } from './secrets.ts';

/** Structured log. Fields never hold bodies, secrets or another tenant's data; the message is a sentence. */
export type Log = {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
};

/** One JSON line per entry on standard error, so that standard output stays for what a person reads. */
export function makeLog(level: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The text of anything that was thrown, credentials blanked: a URL with a password may be part of it. */
export function errorText(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error));
}
