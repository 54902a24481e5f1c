import { QueryCache, QueryClient } from '@tanstack/react-query';
import { facts } from '../shell/facts.ts';
import { Problem } from './client.ts';

/** What was read is fresh for a few seconds; a refusal is not tried again, a server out of reach twice. */
export function makeQueries(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: leaveWhenLoggedOut }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (count, error) =>
          count < 2 && error instanceof Problem && (error.status === 0 || error.status >= 502),
      },
    },
  });
}

/** The session has ended: to the login, and back here afterwards. */
export function leaveWhenLoggedOut(error: Error): void {
  if (!(error instanceof Problem) || error.status !== 401) return;
  const { pathname, search } = window.location;
  const here = pathname.slice(facts.base.length) + search;
  if (here.startsWith('/login')) return;
  window.location.assign(`${facts.base}/login${here === '/' ? '' : `?next=${encodeURIComponent(here)}`}`);
}
