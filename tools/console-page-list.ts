// docs/console.md: every page of the console, what it needs, and which browser tests hold it.
import { globSync, readFileSync } from 'node:fs';
import { grantOfCall } from '../console/api/calls.ts';
import { pages } from '../console/pages.ts';
import { callsWithoutPage } from './console-unused.ts';

/** What the browser tests promise of each page: `pageTest('<page>', '<promise>', ...)`. */
export function promisesOfPages(): ReadonlyMap<string, readonly string[]> {
  const found = globSync('test/browser/pages/*.ts')
    .sort()
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return [...text.matchAll(/pageTest\(\s*'([\w-]+)',\s*(['"`])(.*?)\2/gs)].map(
        ([, page = '', , promise = '']) => ({ page, promise: promise.replaceAll(/\s+/g, ' ') }),
      );
    });
  return new Map(
    [...Map.groupBy(found, ({ page }) => page)].map(([page, tests]) => [
      page,
      tests.map(({ promise }) => promise),
    ]),
  );
}

export function consoleDoc(): string {
  const promises = promisesOfPages();
  const rows = pages.map(({ name, path, title, reads }) => {
    const grant = grantOfCall[reads];
    return `| ${title} | \`${path}\` | ${grant === null ? 'a login' : `\`${grant}\``} | ${(promises.get(name) ?? []).join('; ')} |`;
  });
  const unused = Object.entries(callsWithoutPage).map(([call, why]) => `| \`${call}\` | ${why} |`);
  return `# Console

Every page, what it needs to be seen, and what the browser tests (\`npm run test:browser\`) promise of it. Made from
\`console/pages.ts\` and \`test/browser/pages\` by \`npm run schema\`; \`test/sweeps/console.test.ts\` fails for a page without a
test. Besides what stands here each page is photographed light and dark, wide and narrow (\`SCREENSHOTS=folder\`), and
looked at by axe and for names, sideways scrolling, cut times, faults and calls that are not in the OpenAPI document.

| page | path | needs | promises |
|---|---|---|---|
${rows.join('\n')}

## Calls without a page

Every other call of the API is made by some page. These are not, for the reason that stands beside each
(\`tools/console-unused.ts\`); \`test/sweeps/console.test.ts\` fails for a call that is neither here nor in the console, and
for one that is here and in the console.

| call | why no page makes it |
|---|---|
${unused.join('\n')}
`;
}
