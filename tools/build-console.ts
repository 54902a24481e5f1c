// Builds the console into dist/console/<name> by Vite's API, with a brotli and a gzip form beside each text, and makes it
// the current one. Called by ensure-console.mjs, which makes the name of the sources' hash.
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'vite';
import { consoleSettings } from './console-settings.ts';

const place = 'dist/console';
const name = process.argv[2] ?? 'unnamed';

async function compress(path: string): Promise<void> {
  const bytes = readFileSync(path);
  const [small, usual] = await Promise.all([
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    promisify(gzip)(bytes, { level: 9 }),
  ]);
  writeFileSync(`${path}.br`, small);
  writeFileSync(`${path}.gz`, usual);
}

mkdirSync(place, { recursive: true });
const folder = mkdtempSync(join(place, 'making-'));
try {
  await build({
    ...consoleSettings,
    build: { ...consoleSettings.build, outDir: join(process.cwd(), folder) },
  });
  const texts = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => /\.(js|css|svg)$/.test(path));
  await Promise.all(texts.map((path) => compress(join(folder, path))));
  // Whoever builds the same at the same time has made the same.
  const made = join(place, name);
  rmSync(made, { recursive: true, force: true });
  renameSync(folder, made);
  const mark = join(place, `current-${process.pid}`);
  writeFileSync(mark, `${name}\n`);
  renameSync(mark, join(place, 'current'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// A program that runs has read its files at the start; what is older than a day nobody reads any more.
for (const entry of readdirSync(place)) {
  const path = join(place, entry);
  if (entry !== name && entry !== 'current' && Date.now() - statSync(path).mtimeMs > 86_400_000)
    rmSync(path, { recursive: true, force: true });
}
