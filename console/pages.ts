/**
 * Every page there is, as data: routes, menu, command palette, screenshots and docs/console.md come from this one list,
 * of which each group of the menu has a file.
 * `reads` is the call that the page cannot do without: its grant decides who sees the page, so menu and API agree.
 * The page itself is `console/pages/<name>.tsx`, which exports `Page`.
 */
import type { PageAbout } from './page-groups/about.ts';
import { account } from './page-groups/account.ts';
import { receiving } from './page-groups/receiving.ts';
import { sending } from './page-groups/sending.ts';
import { setUp } from './page-groups/set-up.ts';
import { watch } from './page-groups/watch.ts';

export type { PageAbout };

export const pages = [
  {
    name: 'overview',
    path: '/',
    title: 'Overview',
    reads: 'GET /me',
    menu: { group: '', icon: 'home' },
  },
  ...sending,
  ...receiving,
  ...setUp,
  ...watch,
  ...account,
] as const satisfies readonly PageAbout[];

export type PageName = (typeof pages)[number]['name'];
type PathOf<N extends PageName> = Extract<(typeof pages)[number], { readonly name: N }>['path'];
type ParamsIn<P extends string> = P extends `${string}$${infer Name}/${infer Rest}`
  ? Name | ParamsIn<`/${Rest}`>
  : P extends `${string}$${infer Name}`
    ? Name
    : never;

/** What the path of a page needs: nothing, or one value for each `$name` in it. */
export type Params<N extends PageName> = [ParamsIn<PathOf<N>>] extends [never]
  ? []
  : [params: Readonly<Record<ParamsIn<PathOf<N>>, string | number>>];

/** The one maker of a page's path, below the base path and without its search. */
export function pathTo<N extends PageName>(name: N, ...[params]: Params<N>): string {
  const path = pages.find((page) => page.name === name)?.path ?? '/';
  const values = (params ?? {}) as Readonly<Record<string, string | number>>;
  return path.replace(/\$(\w+)/g, (_, part: string) => encodeURIComponent(values[part] ?? ''));
}
