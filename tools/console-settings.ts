// How Vite makes the console, for the build and for `npm run dev`.
import react from '@vitejs/plugin-react';
import type { InlineConfig, Plugin } from 'vite';

/**
 * GrapesJS writes styles into the HTML of its parts, which our policy refuses and reports. They are renamed here (the few that
 * matter stand in console/pages/template/design/designer.css), those that it sets by name are set as a script may, and its one
 * style element gets the nonce. Each place is counted, so that another release cannot slip past.
 */
function styledByScript(): Plugin {
  const changes: readonly (readonly [RegExp, string, number])[] = [
    [/ style=\\"/g, ' data-css=\\"', 22],
    [
      /return el\.setAttribute\(key, value\);/g,
      "return key === 'style' ? void (el.style.cssText = value) : el.setAttribute(key, value);",
      2,
    ],
    [/\b(?!this\b)(\w+)\.setAttribute\('style', ([^;]*)\);/g, '$1.style.cssText = $2;', 2],
    [
      /<style data-canvas-style>/g,
      '<style nonce=\\"" + globalThis.__webpack_nonce__ + "\\" data-canvas-style>',
      1,
    ],
  ];
  return {
    name: 'styled-by-script',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('grapesjs/dist/grapes.mjs')) return null;
      let made = code;
      for (const [pattern, replacement, count] of changes) {
        const found = made.match(pattern)?.length ?? 0;
        if (found !== count) this.error(`GrapesJS has ${found} of ${pattern} instead of ${count}`);
        made = made.replaceAll(pattern, replacement);
      }
      return { code: made, map: null };
    },
  };
}

export const consoleSettings = {
  configFile: false,
  root: 'console',
  // The server puts its own base path before the addresses in index.html; chunks find each other by where they are.
  base: './',
  publicDir: false,
  logLevel: 'warn',
  plugins: [react(), styledByScript()],
  optimizeDeps: { exclude: ['grapesjs'] },
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
