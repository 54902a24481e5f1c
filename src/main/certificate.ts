/** TLS by certificate files, reloaded when they change, without a restart; a broken new pair keeps the old one. */
import { readFile } from 'node:fs/promises';
import { watchFile, unwatchFile } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { Config } from '../base/config.ts';
import { errorText } from '../base/log.ts';
import type { Log } from '../base/log.ts';
import { StartFault } from '../base/start-fault.ts';

export type Certificate = AsyncDisposable & {
  readonly context: () => SecureContext;
  /** Called after each successful reload. */
  readonly onReload: (listener: () => void) => void;
  readonly files: () => { readonly cert: Buffer; readonly key: Buffer };
};

/** RFC 9325: TLS 1.2 and 1.3 only. */
export async function loadCertificate(config: Config, log: Log): Promise<Certificate | null> {
  const { LETTERSHOP_TLS_CERT: certPath, LETTERSHOP_TLS_KEY: keyPath } = config;
  if (certPath === null || keyPath === null) return null;
  const read = async (): Promise<{ cert: Buffer; key: Buffer; context: SecureContext }> => {
    const [cert, key] = await Promise.all([readFile(certPath), readFile(keyPath)]);
    return { cert, key, context: createSecureContext({ cert, key, minVersion: 'TLSv1.2' }) };
  };
  let current = await read().catch((error: unknown) => {
    throw new StartFault(`LETTERSHOP_TLS_CERT or LETTERSHOP_TLS_KEY cannot be used: ${errorText(error)}`);
  });
  const listeners: (() => void)[] = [];
  const reload = (): void => {
    read().then(
      (next) => {
        current = next;
        for (const listener of listeners) listener();
        log.info({}, 'the certificate was reloaded');
      },
      (error: unknown) =>
        log.error({ error: errorText(error) }, 'the new certificate cannot be used; the old one stays'),
    );
  };
  watchFile(certPath, { interval: 5000, persistent: false }, reload);
  return {
    context: () => current.context,
    onReload: (listener) => {
      listeners.push(listener);
    },
    files: () => current,
    [Symbol.asyncDispose]: () => {
      unwatchFile(certPath, reload);
      return Promise.resolve();
    },
  };
}
