/** The built console as it lies in dist/console (tools/build-console.ts): read once at the start, kept in memory. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

type Asset = {
  readonly type: string;
  readonly bytes: Buffer;
  /** Null for what is compressed already. */
  readonly brotli: Buffer | null;
  readonly gzip: Buffer | null;
};

export type ConsoleFiles = {
  readonly index: string;
  /** By name below `/assets/`, which holds the hash of its content. */
  readonly assets: ReadonlyMap<string, Asset>;
};

export const consolePlace = join(import.meta.dirname, '..', '..', 'dist', 'console');

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Null: it was never built here. */
export function readConsole(place = consolePlace): ConsoleFiles | null {
  const current = readIf(join(place, 'current'))?.toString('utf8').trim();
  if (current === undefined) return null;
  const folder = join(place, current);
  const index = readIf(join(folder, 'index.html'));
  if (index === null) return null;
  const names = readdirSync(join(folder, 'assets')).filter((name) => !/\.(br|gz)$/.test(name));
  const assets = names.map((name) => {
    const path = join(folder, 'assets', name);
    const type = types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    const forms = { brotli: readIf(`${path}.br`), gzip: readIf(`${path}.gz`) };
    return [name, { type, bytes: readFileSync(path), ...forms }] as const;
  });
  return { index: index.toString('utf8'), assets: new Map(assets) };
}

function readIf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** The smallest form that the browser takes, with its name for `Content-Encoding`; RFC 9110 12.5.3. */
export function formOf(
  asset: Asset,
  accepts: string,
): { readonly bytes: Buffer; readonly encoding: string | null } {
  const takes = (coding: string): boolean =>
    new RegExp(`\\b${coding}\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$))`).test(accepts);
  if (asset.brotli !== null && takes('br')) return { bytes: asset.brotli, encoding: 'br' };
  if (asset.gzip !== null && takes('gzip')) return { bytes: asset.gzip, encoding: 'gzip' };
  return { bytes: asset.bytes, encoding: null };
}
