/** How a connection breaks, as a value. */
import type { BrokenError } from './transaction.ts';

/** A reply that never came. */
export class Broken extends Error {
  readonly code: string;
  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

/** Anything that was thrown while speaking to a server. */
export function brokenError(error: unknown): BrokenError {
  if (error instanceof Broken) return { code: error.code, text: error.message };
  return { code: 'bug', text: error instanceof Error ? error.message : String(error) };
}

/** `refused`, `reset`, `timeout`, `tls`, or the system's own code. */
export function errorCode(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'refused',
    ECONNRESET: 'reset',
    EPIPE: 'reset',
    ETIMEDOUT: 'timeout',
  };
  return (
    known[code] ??
    (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') ? 'tls' : code === '' ? 'error' : code)
  );
}
