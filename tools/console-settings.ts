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

/** The application that `main.ts` brings is asked for by the page itself, as early as that. */
function preloaded(): Plugin {
  return {
    name: 'preloaded',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((each) => each.type === 'chunk');
        const app = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith('/console/app.tsx'));
        return [app?.fileName ?? [], app?.imports ?? []].flat().map((file) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `./${file}` },
          injectTo: 'head',
        }));
      },
    },
  };
}

type Graph = { readonly getModuleInfo: (id: string) => { readonly importedIds: readonly string[] } | null };

/** What a file imports at once, itself included. */
function reachedFrom(file: string, graph: Graph): Set<string> {
  const reached = new Set<string>();
  const open = [`${process.cwd()}/console/${file}`];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(graph.getModuleInfo(next)?.importedIds ?? []));
  }
  return reached;
}

const found = new Map<string, ReadonlySet<string>>();

/** All that the application needs to begin is one file: forty small ones take as long again as what they hold. */
function isOfStart(id: string, graph: Graph): boolean {
  for (const file of ['app.tsx', 'main.ts']) if (!found.has(file)) found.set(file, reachedFrom(file, graph));
  return found.get('app.tsx')?.has(id) === true && found.get('main.ts')?.has(id) === false;
}

export const consoleSettings = {
  configFile: false,
  root: 'console',
  // The server puts its own base path before the addresses in index.html; chunks find each other by where they are.
  base: './',
  publicDir: false,
  logLevel: 'warn',
  plugins: [react(), styledByScript(), preloaded()],
  optimizeDeps: { exclude: ['grapesjs'] },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    sourcemap: false,
    emptyOutDir: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [{ name: (id, graph) => (isOfStart(id, graph) ? 'start' : null), debugName: 'start' }],
        },
      },
    },
  },
} satisfies InlineConfig;
