// `npm run check`: types, lint, format, unused code. All run, each failure is shown, one exit code.
import { spawn } from 'node:child_process';

const bin = (name: string): string => `node_modules/.bin/${name}`;
const checks: readonly (readonly [string, readonly string[]])[] = [
  ['tsc', ['-p', 'tsconfig.json']],
  ['tsc', ['-p', 'console/tsconfig.json']],
  ['oxlint', ['--type-aware', '--deny-warnings', 'src', 'console', 'test', 'tools', 'bench']],
  ['oxfmt', ['--check', 'src', 'console', 'test', 'tools', 'bench']],
  ['knip', ['--no-progress']],
  // schema.sql, the generated types and the settings table say what the migrations and settings say.
  ['node', ['tools/schema.ts', '--check']],
];

async function run(name: string, args: readonly string[]): Promise<boolean> {
  const started = performance.now();
  const child = spawn(bin(name), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (code !== 0) console.log(output.trimEnd());
  return code === 0;
}

let passed = true;
for (const [name, args] of checks) passed = (await run(name, args)) && passed;
process.exitCode = passed ? 0 : 1;
