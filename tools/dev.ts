// `npm run dev`: the program, restarted when its sources change, and beside it Vite with the console's pages exchanged in
// place. Vite hands everything that is no page of the console on to the program.
import { spawn } from 'node:child_process';
import { createServer } from 'vite';
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
const vite = await createServer({
  ...consoleSettings,
  base: '/',
  server: {
    host: 'localhost',
    port: pagesPort,
    proxy: { '/api': target, '/frame': target, '/canvas': target },
  },
});
await vite.listen();
console.log(`Console with hot reload: ${vite.resolvedUrls?.local[0] ?? `http://localhost:${pagesPort}/`}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => program.kill(signal));
program.once('exit', (code) => {
  void vite.close().then(() => process.exit(code ?? 0));
});
