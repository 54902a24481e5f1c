// `npm run dev`: the program, restarted when its sources change, and beside it Vite with the console's pages exchanged in
// place. Vite hands everything that is no page of the console on to the program.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'vite';
import { consolePolicy } from '../src/http/console-page.ts';
import { consoleSettings } from './console-settings.ts';

const port = process.env['LETTERSHOP_HTTP_PORT'] ?? '8080';
/** Of the pages; the next free one when it is taken. */
const pagesPort = Number(process.env['DEV_PORT'] ?? '5173');
const program = spawn(
  process.execPath,
  ['--watch-path=src', '--watch-path=migrations', 'src/main.ts', ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
const target = { target: `http://127.0.0.1:${port}`, changeOrigin: false };
/**
 * The policy that the program sends with the console, so that what it refuses is refused while one writes it. Vite writes a
 * script into the page, and its styles by script: both have the nonce.
 */
const nonce = randomBytes(16).toString('base64url');
const policy = consolePolicy(nonce, "'none'").replace("script-src 'self'", `$& 'nonce-${nonce}'`);
const vite = await createServer({
  ...consoleSettings,
  base: '/',
  html: { cspNonce: nonce },
  plugins: [
    ...consoleSettings.plugins,
    {
      name: 'facts',
      transformIndexHtml: (page) =>
        page.replace(
          'name="lettershop" content="{}"',
          `name="lettershop" content='${JSON.stringify({ nonce })}'`,
        ),
    },
  ],
  server: {
    headers: { 'content-security-policy': policy },
    host: 'localhost',
    port: pagesPort,
    // The console's own sources below /api come from Vite.
    proxy: { '^/api/(?![\\w-]+\\.ts)': target, '/frame': target, '/canvas': target },
  },
});
await vite.listen();
console.log(`Console with hot reload: ${vite.resolvedUrls?.local[0] ?? `http://localhost:${pagesPort}/`}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => program.kill(signal));
program.once('exit', (code) => {
  void vite.close().then(() => process.exit(code ?? 0));
});
