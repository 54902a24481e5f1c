/**
 * The things that the attack is after: for every noun that a route names in its path, how a subaccount gets one through
 * the API. A new noun is one entry here; a route whose noun has none is reported by name, and its test fails.
 */
import type { Route } from '../base/route.ts';
import { routeName } from './door.ts';
import type { ThrowAwayPerson } from './operator.ts';

/** Fields that name the thing in what the API answered. */
export type Answered = Readonly<Record<string, unknown>>;

export type Thing = {
  /** The path before the param, without other params: `messages` of `/messages/:id/why`, `lists/members` of `/lists/:id/members/:member`. */
  readonly noun: string;
  /** Who makes it: the subaccount itself, its account for it, or a person who works in it. */
  readonly by: 'subaccount' | 'account' | 'person';
  /** The call that makes it; every text that may be chosen holds the word. `own` gives ids of the same holder's other things. */
  readonly path: (own: (noun: string) => string) => string;
  readonly body: (word: string, own: (noun: string) => string) => Readonly<Record<string, unknown>>;
  /** What is sent instead of the body: a file that holds its texts. */
  readonly raw?: (word: string) => { readonly type: string; readonly text: string };
  /** It comes by itself after that call: the list where it then stands, asked until it does. */
  readonly appearsIn?: string | ((own: (noun: string) => string) => string);
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
  /** It is a person of the subaccount, or a session of theirs: nobody but the operator makes one without a mail. */
  readonly ofPerson?: (person: ThrowAwayPerson) => string;
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
    ...byName('tracking-domains'),
    body: (word) => ({ name: `click.${word}.example.com` }),
    alsoSecret: ({ record }) => [String((record as Answered)['value']).split('.')[0] ?? ''],
  },
  {
    ...byName('inbound-domains'),
    body: (word) => ({ name: `in.${word}.example.com` }),
    alsoSecret: ({ record }) => [String((record as Answered)['value']).split('.')[0] ?? ''],
  },
  {
    noun: 'brand/hosts',
    by: 'subaccount',
    path: () => '/brand/hosts',
    body: (word) => ({ name: `console.${word}.example.com` }),
    alsoSecret: ({ record }) => [String((record as Answered)['value']).split('.')[0] ?? ''],
  },
  {
    ...byName('inbound-routes'),
    body: (word, own) => ({
      inboundDomainId: own('inbound-domains'),
      name: word,
      url: `https://${word}.example.com/mail`,
      status: 'paused',
    }),
    alsoSecret: ({ secret }) => [String(secret)],
  },
  {
    ...byName('inbound-mails'),
    body: (word) => ({
      raw: `From: ${word} <${word}@${word}.example.org>\r\nSubject: ${word}\r\n\r\n${word}\r\n`,
      to: [`${word}@in.${word}.example.com`],
      mailFrom: `${word}@${word}.example.org`,
    }),
    ids: ({ items }) => [String(first(items)['id'])],
  },
  {
    noun: 'senders',
    by: 'subaccount',
    path: () => '/senders',
    body: (word, own) => ({
      email: `${word}@${word}.example.org`,
      name: word,
      replyTo: { email: `answers@${word}.example.org`, name: word },
      note: word,
      domainId: own('domains'),
    }),
    // Its address is written to.
    needsCapture: true,
  },
  {
    ...byName('snippets'),
    body: (word) => ({
      name: word,
      slug: word,
      labels: [word],
      html: `<p>${word}</p>`,
      text: word,
      amp: `<i>${word}</i>`,
    }),
  },
  {
    ...byName('templates'),
    body: (word) => ({
      name: word,
      slug: word,
      labels: [word],
      subject: word,
      text: word,
      // Whoever it is sent by: its own holder can.
      defaults: { from: { email: `${word}@${word}.example.com` }, setByCall: { from: false } },
    }),
  },
  {
    ...byName('lists'),
    body: (word) => ({ name: word, slug: word, description: word, attributes: { note: word } }),
    ids: ({ list }) => [String((list as Answered)['id'])],
  },
  {
    noun: 'lists/recipients',
    by: 'subaccount',
    path: (own) => `/lists/${own('lists')}/recipients`,
    body: (word) => ({
      recipients: [
        {
          address: `${word}@${word}.example.com`,
          name: word,
          data: { it: word },
          metadata: { it: word },
          tags: [word],
        },
      ],
    }),
    appearsIn: (own) => `/lists/${own('lists')}/recipients`,
  },
  {
    ...byName('webhooks'),
    body: (word) => ({ name: word, url: `https://${word}.example.com/hook`, status: 'paused' }),
    alsoSecret: ({ secret }) => [String(secret)],
  },
  {
    ...byName('alerts'),
    body: (word) => ({
      name: word,
      measure: 'sent',
      threshold: 1_000_000,
      target: { kind: 'webhook', to: `https://${word}.example.com/alert` },
      status: 'paused',
    }),
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
    noun: 'submissions',
    by: 'subaccount',
    path: () => '/messages',
    body: (word) => ({ ...mail(word, `all+${word}@inbox.test`), campaign: word, sendAt: tomorrow() }),
    alsoSecret: messageIds.ids,
  },
  {
    noun: 'suspensions',
    by: 'subaccount',
    path: () => '/suspensions',
    // Of nobody's mail: the holder's other things are made by sending.
    body: (word) => ({ kind: 'tag', value: `no ${word}`, reason: word }),
  },
  {
    noun: 'reports',
    by: 'subaccount',
    path: () => '/reports',
    body: (word) => ({ name: word, query: { by: 'tag', tag: [word] }, period: 'last_7_days' }),
  },
  {
    noun: 'metadata-fields',
    by: 'subaccount',
    path: () => '/metadata-fields',
    body: (word) => ({ name: word, viewTemplate: word }),
  },
  {
    noun: 'embeds',
    by: 'subaccount',
    path: () => '/embeds',
    body: (word) => ({ name: word, pages: ['messages'], frameAncestors: [`https://${word}.example.com`] }),
    alsoSecret: ({ url }) => [String(url).split('/').at(-1) ?? ''],
  },
  {
    noun: 'exports',
    by: 'subaccount',
    path: () => '/exports/messages',
    body: (word) => ({ tags: [word], senders: [`${word}@${word}.example.com`] }),
  },
  {
    // The recipient domain of a scheduled mail: until it is resolved it stands for its site.
    noun: 'sites',
    by: 'subaccount',
    path: () => '/messages',
    body: (word) => ({ ...mail(word, `you@site.${word}.example.org`), sendAt: tomorrow() }),
    ids: (answer) => [String(first(answer['messages'])['to']).split('@')[1] ?? ''],
    alsoSecret: (answer) => [...messageIds.ids(answer), ...messageIds.alsoSecret(answer)],
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
    path: () => '/suppressions',
    body: (word) => ({
      entries: [{ address: `${word}@${word}.example.com`, reason: word, sender: word, list: word }],
    }),
    ids: (answer) => [String(first(answer['items'])['id'])],
  },
  {
    // The bad line does not come back in the report.
    noun: 'suppressions/imports',
    by: 'subaccount',
    path: () => '/suppressions/imports',
    body: (word) => ({ address: `imported@${word}.example.com`, bad: word }),
    raw: (word) => ({ type: 'text/csv', text: `email\nimported@${word}.example.com\n${word}\n` }),
  },
  { noun: 'users', by: 'account', path: () => '/users', body: () => ({}), ofPerson: ({ id }) => id },
  {
    noun: 'me/sessions',
    by: 'account',
    path: () => '/me/sessions',
    body: () => ({}),
    ofPerson: ({ sessionId }) => sessionId,
  },
  {
    noun: 'me/keys',
    by: 'person',
    path: () => '/me/keys',
    body: (word) => ({ name: word }),
    alsoSecret: ({ publicId, secret }) => [String(publicId), String(secret)],
  },
  {
    noun: 'invitations',
    by: 'subaccount',
    path: () => '/invitations',
    body: (word) => ({ email: `${word}@inbox.test`, role: 'reporting', note: word }),
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
  {
    noun: 'erasures',
    by: 'subaccount',
    path: () => '/erasures',
    body: (word) => ({ address: `${word}@erased.example.com` }),
  },
];

/** Routes that make the installation write to an address of the caller's choosing: tried only where mail does not leave. */
const mailing: ReadonlySet<string> = new Set([
  'POST /senders',
  'POST /senders/:id/resend',
  'POST /domains/:id/forward',
  'POST /domains/:id/mail-proof',
  'POST /templates/:id/test',
]);

/** What is attacked, and the names of what would send mail. */
export function withoutMailing(
  routes: readonly Route[],
  captures: boolean,
): { readonly tried: readonly Route[]; readonly untried: readonly string[] } {
  if (captures) return { tried: routes, untried: [] };
  return {
    tried: routes.filter((route) => !mailing.has(routeName(route))),
    untried: routes.map(routeName).filter((name) => mailing.has(name)),
  };
}

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
