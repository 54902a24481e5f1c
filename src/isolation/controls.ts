/**
 * Controls: an id with which not even its owner gets anywhere proves nothing. After the attack the owner still sees
 * everything; then it uses every other route on A's things, which takes them away as well.
 */
import type { Method, Route } from '../base/route.ts';
import { bearer, exampleCall, routeName, session } from './door.ts';
import type { Holder } from './holders.ts';
import { ownParams } from './matrix.ts';
import type { Field } from './matrix.ts';
import { nounsOf } from './things.ts';

const turns: Readonly<Record<Method, number>> = { GET: 0, POST: 1, PATCH: 2, PUT: 2, DELETE: 3 };
const notReached = new Set([401, 403, 404]);

/** Routes whose thing its owner did not reach, and why. */
export async function tryAsOwner({ door, routes, a }: Field): Promise<readonly string[]> {
  const unreached: string[] = [];
  for (const route of inOrder(routes, a)) {
    const params = ownParams(route, a);
    if (params === null) continue;
    // A key has no sessions: a person's are the person's own.
    const isPersonal = route.path.startsWith('/me/');
    const owner = isPersonal ? session(a.person.token) : bearer(a.account.secret);
    const reply = await door(exampleCall(route, params, owner));
    if (reply.status < 500 && !notReached.has(reply.status)) continue;
    // It got as far as the mail: the thing was found, the account sends from no domain of its subaccount's.
    if (reply.body.includes('"sender.domain_unproven"')) continue;
    unreached.push(`${routeName(route)}: its owner is answered ${reply.status} ${reply.body.slice(0, 200)}`);
  }
  return unreached;
}

/** All that reads; then the others, noun by noun, what was made last first, removal at the end of each. */
function inOrder(routes: readonly Route[], a: Holder): readonly Route[] {
  const nouns = [...a.things.keys()];
  const made = (route: Route): number => nouns.indexOf([...nounsOf(route).values()].at(-1) ?? '');
  return routes
    .filter((route) => nounsOf(route).size > 0)
    .toSorted((left, right) => {
      const reads = Number(right.method === 'GET') - Number(left.method === 'GET');
      return reads || made(right) - made(left) || turns[left.method] - turns[right.method];
    });
}
