/**
 * The things that the attack is after: for every noun that a route names in its path, how a subaccount gets one through
 * the API. A new noun is one entry here; a route whose noun has none is reported by name, and its test fails.
 */
import type { Route } from '../base/route.ts';

/** Fields that name the thing in what the API answered. */
export type Answered = Readonly<Record<string, unknown>>;

export type Thing = {
  /** The path before the param, without other params: `messages` of `/messages/:id/why`, `lists/members` of `/lists/:id/members/:member`. */
  readonly noun: string;
  /** Who makes it: the subaccount itself, or its account for it. */
  readonly by: 'subaccount' | 'account';
  /** The call that makes it; every text that may be chosen holds the word. `own` gives ids of the same holder's other things. */
  readonly path: (own: (noun: string) => string) => string;
  readonly body: (word: string, own: (noun: string) => string) => Readonly<Record<string, unknown>>;
  /** It comes by itself after that call: the list where it then stands, asked until it does. */
  readonly appearsIn?: string;
  /** Every form in which a path may name it; the field `id` when left out. */
  readonly ids?: (answer: Answered) => readonly string[];
  /** Other ids in the answer that nobody else may learn. */
  readonly alsoSecret?: (answer: Answered) => readonly string[];
  /** A switch of the account (`PATCH /account`) that is on while it is made, and off again for the attack. */
  readonly accountSwitch?: string;
  /** Has to be sent to be there, which only the built-in mailbox allows. */
  readonly needsCapture?: true;
  /** The operator proves it as a sending domain. */
  readonly isSendingDomain?: true;
};

const byName = (noun: string): Pick<Thing, 'noun' | 'by' | 'path' | 'body'> => ({
  noun,
  by: 'subaccount',
  path: () => `/${noun}`,
  body: (word) => ({ name: word }),
});

function mail(word: string, to: string): Readonly<Record<string, unknown>> {
  return {
    from: { email: `${word}@${word}.example.com`, name: word },
    to: [{ email: to, name: word }],
    subject: word,
    text: word,
    tags: [word],
    metadata: { note: word },
  };
}

const first = (list: unknown): Answered => (list as readonly Answered[])[0] ?? {};
const tomorrow = (): string => new Date(Date.now() + 86_400_000).toISOString();

const messageIds = {
  ids: (answer: Answered) => [String(first(answer['messages'])['id'])],
  alsoSecret: (answer: Answered) => [String(answer['id'])],
} as const;

/** In the order in which they are made. The first is the subaccount that holds the others. */
export const things: readonly Thing[] = [
  {
    noun: 'subaccounts',
    by: 'account',
    path: () => '/subaccounts',
    body: (word) => ({ name: word, externalId: word, notes: word }),
    ids: ({ id, externalId }) => [String(id), `external:${String(externalId)}`],
  },
  { ...byName('keys'), alsoSecret: ({ publicId, secret }) => [String(publicId), String(secret)] },
  { ...byName('smtp-users'), alsoSecret: ({ publicId, secret }) => [String(publicId), String(secret)] },
  { ...byName('pools'), by: 'account' },
  { ...byName('domains'), body: (word) => ({ name: `${word}.example.com` }), isSendingDomain: true },
  {
    ...byName('webhooks'),
    body: (word) => ({ name: word, url: `https://${word}.example.com/hook`, status: 'paused' }),
    alsoSecret: ({ secret }) => [String(secret)],
  },
  {
    noun: 'messages',
    by: 'subaccount',
    path: () => '/messages',
    body: (word) => ({ ...mail(word, `${word}@inbox.test`), sendAt: tomorrow() }),
    ...messageIds,
  },
  {
    noun: 'captures',
    by: 'subaccount',
    path: () => '/messages',
    body: (word) => mail(word, `you+${word}@inbox.test`),
    appearsIn: '/captures',
    needsCapture: true,
    alsoSecret: messageIds.ids,
  },
  {
    noun: 'suppressions',
    by: 'subaccount',
    path: () => '/messages',
    body: (word) => mail(word, `hard+${word}@inbox.test`),
    appearsIn: '/suppressions',
    needsCapture: true,
    alsoSecret: messageIds.ids,
  },
  {
    // The entry of a key that the account makes for itself; what a change left behind.
    noun: 'audit',
    by: 'account',
    path: () => '/keys',
    body: (word) => ({ name: `audited ${word}` }),
    appearsIn: '/audit',
    alsoSecret: ({ id, publicId, secret }) => [String(id), String(publicId), String(secret)],
  },
  {
    // The subaccount's own call, with its answer.
    noun: 'logs',
    by: 'subaccount',
    path: () => '/keys',
    body: (word) => ({ name: `logged ${word}` }),
    appearsIn: '/logs',
    accountSwitch: 'logRequests',
    alsoSecret: ({ id, publicId, secret }) => [String(id), String(publicId), String(secret)],
  },
];

/** The nouns that a route's params name, by param. */
export function nounsOf(route: Route): ReadonlyMap<string, string> {
  const nouns = new Map<string, string>();
  const before: string[] = [];
  for (const segment of route.path.split('/').filter((each) => each !== '')) {
    if (segment.startsWith(':')) nouns.set(segment.slice(1), before.join('/'));
    else before.push(segment);
  }
  return nouns;
}

/** Nouns that routes name and nobody has said how to get: `GET /lists/:id needs a thing of "lists"`. */
export function unknownNouns(routes: readonly Route[], known: readonly Thing[] = things): readonly string[] {
  return routes.flatMap((route) =>
    [...nounsOf(route).values()]
      .filter((noun) => known.every((thing) => thing.noun !== noun))
      .map((noun) => `${route.method} ${route.path} needs a thing of "${noun}"`),
  );
}
