#!/usr/bin/env node
// The operator's command: runs src/main.ts with the packaged Node, from any folder.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
spawnSync(process.execPath, [join(root, 'tools', 'ensure-installed.mjs')], { stdio: 'inherit' });
const node = join(root, 'node_modules', '.bin', 'node');
const result = spawnSync(node, [join(root, 'src', 'main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = result.status ?? 1;
