/** A view inside another product: its pages without account, lens and login, and what is said when it has ended. */
import { Stack, Text, Title } from '@mantine/core';
import type { MantineColorSchemeManager } from '@mantine/core';
import { Outlet } from '@tanstack/react-router';
import { Suspense, useSyncExternalStore } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { Problem, send } from '../api/client.ts';
import { useRead } from '../api/hooks.ts';
import { refusal, viewEnded, viewOpened, viewRefused, viewState, watchView } from '../api/view.ts';
import { facts } from './facts.ts';
import { firstPath } from './in-view.ts';
import { Menu } from './menu.tsx';
import { PageWait } from './states.tsx';

/** Exchanges the link for the view's secret: once, before anything is drawn. */
export async function openView(path: string): Promise<void> {
  document.addEventListener('click', keepInside, true);
  if (window.location.pathname === path) window.history.replaceState(null, '', `${path}${firstPath()}`);
  try {
    const answer = (await send(path.slice(facts.base.length), { method: 'POST' })) as {
      readonly secret: string;
      readonly seconds: number;
    };
    viewOpened(answer.secret);
    setTimeout(viewEnded, answer.seconds * 1000);
  } catch (error) {
    viewRefused(
      error instanceof Problem ? error.message : 'The console met something that it did not expect',
    );
  }
}

/** A link that leads out of the view opens nothing, here or beside it; a file may be fetched. */
function keepInside(event: Event): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.hasAttribute('download') || link.getAttribute('href')?.startsWith('#') === true)
    return;
  const { origin, pathname } = new URL(link.href, window.location.href);
  const isInside = origin === window.location.origin && `${pathname}/`.startsWith(`${facts.routes}/`);
  if (!isInside || link.target === '_blank') event.preventDefault();
}

/** Nothing of a view is kept in the browser, its appearance neither. */
export const unkeptScheme: MantineColorSchemeManager = {
  get: (usual) => usual,
  set: () => undefined,
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
};

/** What it surrounds, while it is open. */
export function View({ children }: { readonly children: ReactNode }): ReactElement {
  const state = useSyncExternalStore(watchView, viewState);
  if (state === 'open') return <>{children}</>;
  if (state === 'opening')
    return (
      <div className="content">
        <PageWait />
      </div>
    );
  return (
    <div className="content">
      <Stack gap="sm" maw={560} py="xl" role="alert">
        <Title order={1} size="h3">
          {state === 'over' ? 'This view has ended' : 'This view cannot be opened'}
        </Title>
        <Text>{state === 'over' ? '' : `${refusal().replace(/\.$/, '')}. `}Reload the page around it.</Text>
      </Stack>
    </div>
  );
}

/** A view that is ended elsewhere says so by itself, also while nobody clicks. */
const lookEveryMs = 10_000;

function Alive(): null {
  useRead('GET /me', {}, { everyMs: lookEveryMs });
  return null;
}

export function ViewShell(): ReactElement {
  const hasMenu = (facts.embed?.pages.length ?? 0) > 1;
  return (
    <Suspense
      fallback={
        <div className="content">
          <PageWait />
        </div>
      }
    >
      <Alive />
      {hasMenu && (
        <nav className="view-menu" aria-label="Pages">
          <Menu />
        </nav>
      )}
      <main className="content" id="content" tabIndex={-1}>
        <Outlet />
      </main>
    </Suspense>
  );
}
