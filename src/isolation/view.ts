/** A view inside another product as a credential: of a sibling, with all that such a view may ever hold. */
import { fullGrants } from '../base/scope.ts';
import { neverEmbedded } from '../features/embeds/index.ts';
import { bearer, succeed } from './door.ts';
import { elsewhere, status } from './expected.ts';
import type { Credential, Parties } from './expected.ts';

const longestSeconds = 43_200;

export async function siblingView({ door, outside, b }: Parties): Promise<Credential> {
  const grants = fullGrants('subaccount').filter((grant) => !neverEmbedded.has(grant));
  const { url } = await succeed<{ url: string }>(door, {
    method: 'POST',
    path: '/embeds',
    authorization: bearer(b.secret),
    body: {
      pages: ['messages'],
      grants,
      frameAncestors: ['https://app.example.com'],
      sessionSeconds: longestSeconds,
    },
  });
  const { secret } = await succeed<{ secret: string }>(outside, {
    method: 'POST',
    path: `/embed/${url.split('/').at(-1)}`,
    authorization: null,
    headers: { 'sec-fetch-site': 'same-origin' },
  });
  return {
    name: 'view of a sibling',
    authorization: () => bearer(secret),
    expects: (route) =>
      route.grant !== null && !grants.includes(route.grant) ? status(403) : elsewhere(route, 'subaccount'),
    secret,
    logsIn: false,
  };
}
