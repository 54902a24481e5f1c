import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { Scope } from '../../base/scope.ts';
import { refuse } from '../refusals/index.ts';
import type { TrackingWorld } from './operations.ts';
import { readWords, wholeWords, writeWords } from './switches.ts';
import type { DefaultState } from './switches.ts';

const DomainId = Type.Optional(
  word(16, { pattern: '^\\d{1,16}$', description: 'a sending domain; left out: the whole subaccount' }),
);
const Word = Type.Union([Type.Boolean(), Type.Null()], {
  description: 'null: as the next wider one says (domain, subaccount, account)',
});
const LaneWord = Type.Union([Type.Enum(['transactional', 'bulk']), Type.Null()], {
  description: 'of mail whose call and template name none; null: as the account says, at last transactional',
});
const says = {
  opens: 'a pixel at the end of the HTML',
  initialOpens: 'a pixel at its beginning; off where opens is switched off and this is not said',
  clicks: 'links in HTML',
  textClicks: 'links in text; off where clicks is switched off and this is not said',
} as const;
const on = Type.Boolean();
const switchWords = { opens: Word, initialOpens: Word, clicks: Word, textClicks: Word };
const switchesOn = { opens: on, initialOpens: on, clicks: on, textClicks: on };

const DefaultsReply = fields({
  own: fields({
    ...switchWords,
    smtp: fields(switchWords),
    transactionalUnsubscribe: Word,
    lane: LaneWord,
  }),
  effective: fields(
    {
      ...switchesOn,
      smtp: fields(switchesOn),
      transactionalUnsubscribe: on,
      lane: Type.Enum(['transactional', 'bulk']),
    },
    { description: 'what mail gets; the switches are those of mail by HTTP' },
  ),
});

const givenSwitches = {
  opens: Type.Optional({ ...Word, description: says.opens }),
  initialOpens: Type.Optional({ ...Word, description: says.initialOpens }),
  clicks: Type.Optional({ ...Word, description: says.clicks }),
  textClicks: Type.Optional({ ...Word, description: says.textClicks }),
};
const given = {
  ...givenSwitches,
  smtp: Type.Optional(
    fields(givenSwitches, { description: 'of mail by SMTP, where it differs; null: as of all mail' }),
  ),
  transactionalUnsubscribe: Type.Optional({
    ...Word,
    description: 'transactional mail says how to unsubscribe, as mail in bulk does',
  }),
  lane: Type.Optional(LaneWord),
};

const order =
  "A message's own word goes first, then its template's, the sending domain's, the subaccount's, the account's; without any, " +
  'nothing is tracked, and mail is transactional. For mail by SMTP, what each of them says of SMTP goes before what it says of ' +
  'all mail. What is left out becomes null.';

function defaultsJson({ own, effective }: DefaultState): Static<typeof DefaultsReply> {
  return {
    own: { ...own, smtp: { ...own.smtp } },
    effective: { ...effective, smtp: { ...effective.smtp } },
  };
}

export function switchRoutes(world: TrackingWorld): readonly Route[] {
  return [...routesOfPlaces(world), ...routesOfAccount(world)];
}

function routesOfPlaces(world: TrackingWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/tracking-settings',
      tag: 'tracking domains',
      grant: 'tracking:read',
      summary: 'Read what mail gets that says nothing itself: what of it is tracked, and its lane',
      query: fields({ domainId: DomainId }),
      replies: { 200: DefaultsReply },
      example: { query: {} },
      run: async ({ scope, query }) => ({
        status: 200,
        body: defaultsJson(await readWords(world, scope, query.domainId ?? null)),
      }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/tracking-settings',
      tag: 'tracking domains',
      grant: 'tracking:write',
      summary: 'Say what mail gets that says nothing itself: what of it is tracked, and its lane',
      description: `${order} Said by the account for itself, it counts for its subaccounts.`,
      body: fields({ domainId: DomainId, ...given }),
      replies: { 200: DefaultsReply },
      example: { body: { opens: true, clicks: true, smtp: { clicks: false } } },
      run: async ({ scope, body }) => {
        const { domainId = null, ...words } = body;
        return {
          status: 200,
          body: defaultsJson(await writeWords(world, scope, domainId, wholeWords(words))),
        };
      },
    }),
  ];
}

/** The account's words are among its settings: who holds those needs no grant for tracking domains. */
function routesOfAccount(world: TrackingWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/account/defaults',
      tag: 'account',
      grant: 'settings:read',
      summary: "Read the account's words of /tracking-settings",
      replies: { 200: DefaultsReply },
      example: {},
      run: async ({ scope }) => ({
        status: 200,
        body: defaultsJson(await readWords(world, ofAccount(scope), null)),
      }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/account/defaults',
      tag: 'account',
      grant: 'settings:write',
      summary: "Say the account's words of /tracking-settings, with the grant of its settings",
      description: order,
      body: fields(given),
      replies: { 200: DefaultsReply },
      example: { body: { opens: true, clicks: true, transactionalUnsubscribe: false } },
      run: async ({ scope, body }) => ({
        status: 200,
        body: defaultsJson(await writeWords(world, ofAccount(scope), null, wholeWords(body))),
      }),
    }),
  ];
}

/** Below the account there is none to ask for. */
function ofAccount(scope: Scope): Scope {
  if (scope.reach !== 'account') throw refuse('not_found');
  return scope;
}
