// How Vite makes the console, for the build and for `npm run dev`.
import react from '@vitejs/plugin-react';
import type { InlineConfig } from 'vite';

export const consoleSettings = {
  configFile: false,
  root: 'console',
  // The server puts its own base path before the addresses in index.html; chunks find each other by where they are.
  base: './',
  publicDir: false,
  logLevel: 'warn',
  plugins: [react()],
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    sourcemap: false,
    emptyOutDir: false,
  },
} satisfies InlineConfig;
