/** The router: pages of the list behind the shell, and before it those of the login. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import type { QueryClient } from '@tanstack/react-query';
import type { AnyRoute } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { pages } from './pages.ts';
import type { PageAbout } from './pages.ts';
import { facts } from './shell/facts.ts';
import { Gate } from './shell/gate.tsx';
import { aheadOf } from './api/hooks.ts';
import type { Ahead } from './api/hooks.ts';
import type { Search } from './api/lens.ts';
import { maySee } from './shell/me.ts';
import type { Me } from './shell/me.ts';
import { isInView } from './shell/in-view.ts';
import { Shell } from './shell/shell.tsx';
import { PageFault, PageMissing, PageWait } from './shell/states.tsx';
import { ViewShell } from './shell/view.tsx';

type PageFile = {
  readonly Page: () => ReactElement | null;
  /** Asks for what the page reads, once it is known who looks. */
  readonly ahead?: (me: Me, ask: Ahead, search: Search) => void;
};
const files = import.meta.glob<PageFile>('./pages/*.tsx');
const doors = import.meta.glob<PageFile>('./login/*.tsx');

const loginPaths = {
  login: '/login',
  link: '/login/$token',
  'ask-reset': '/reset',
  reset: '/reset/$token',
  invitation: '/invitation/$token',
};

function fileOf(found: Record<string, () => Promise<PageFile>>, path: string) {
  const load = found[path];
  if (load === undefined) throw new Error(`${path} is not there`);
  return lazyRouteComponent(load, 'Page');
}

/** The code of a page and what it reads come while the shell is drawn, or somebody points at the way to it. */
async function bring(about: PageAbout, client: QueryClient, search: Search): Promise<void> {
  const { ahead, meOf } = aheadOf(client, search);
  const [page, me] = await Promise.all([files[`./pages/${about.name}.tsx`]?.(), meOf()]);
  if (maySee(me, about)) page?.ahead?.(me, ahead, search);
}

function pageRoute(parent: AnyRoute, about: PageAbout, client: QueryClient): AnyRoute {
  const Component = fileOf(files, `./pages/${about.name}.tsx`);
  return createRoute({
    getParentRoute: () => parent,
    path: about.path,
    // Whoever draws the page is told what went wrong, as it asks for the same.
    loader({ location }) {
      Component.preload?.()?.catch(() => undefined);
      bring(about, client, location.search).catch(() => undefined);
    },
    component: () => (
      <Gate about={about}>
        <Component />
      </Gate>
    ),
  });
}

/** The search is text by name and value, as anybody would write it into an address. */
function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}
function stringifySearch(found: Record<string, unknown>): string {
  const search = found as Search;
  const pairs = Object.entries(search).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

export function makeRouter(client: QueryClient) {
  const root = createRootRoute({ component: Outlet, notFoundComponent: PageMissing });
  const isView = facts.embed !== null;
  const shell = createRoute({
    getParentRoute: () => root,
    id: 'shell',
    component: isView ? ViewShell : Shell,
  });
  const shown: readonly PageAbout[] = pages.filter(isInView);
  const inside = shown.map((about) => pageRoute(shell, about, client));
  const before = isView ? [] : beforeLogin(root);
  const router = createRouter({
    routeTree: root.addChildren([shell.addChildren(inside), ...before]),
    basepath: facts.routes === '' ? '/' : facts.routes,
    parseSearch,
    stringifySearch,
    defaultErrorComponent: PageFault,
    defaultPendingComponent: PageWait,
    defaultNotFoundComponent: PageMissing,
    defaultPreload: 'intent',
    scrollRestoration: !isView,
  });
  return router;
}

function beforeLogin(root: AnyRoute): readonly AnyRoute[] {
  return Object.entries(loginPaths).map(([name, path]) =>
    createRoute({ getParentRoute: () => root, path, component: fileOf(doors, `./login/${name}.tsx`) }),
  );
}
