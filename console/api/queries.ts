import { QueryClient } from '@tanstack/react-query';
import { Problem } from './client.ts';

/** What was read is fresh for a few seconds; a refusal is not tried again, a server out of reach twice. */
export function makeQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (count, error) =>
          count < 2 && error instanceof Problem && (error.status === 0 || error.status >= 502),
      },
    },
  });
}
