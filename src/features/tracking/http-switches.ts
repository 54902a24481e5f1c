import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { TrackingWorld } from './operations.ts';
import { readSwitches, writeSwitches } from './switches.ts';
import type { SwitchState } from './switches.ts';

const DomainId = Type.Optional(
  word(16, { pattern: '^\\d{1,16}$', description: 'a sending domain; left out: the whole subaccount' }),
);
const Word = Type.Union([Type.Boolean(), Type.Null()], {
  description: 'null: as the next wider one says (domain, subaccount, account)',
});
const says = {
  opens: 'a pixel at the end of the HTML',
  initialOpens: 'a pixel at its beginning',
  clicks: 'links in HTML',
  textClicks: 'links in text',
} as const;
const on = Type.Boolean();

const SwitchesReply = fields({
  own: fields({ opens: Word, initialOpens: Word, clicks: Word, textClicks: Word }),
  effective: fields({ opens: on, initialOpens: on, clicks: on, textClicks: on }),
});

function switchesJson({ own, effective }: SwitchState): Static<typeof SwitchesReply> {
  return { own: { ...own }, effective: { ...effective } };
}

export function switchRoutes(world: TrackingWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/tracking-settings',
      tag: 'tracking domains',
      grant: 'tracking:read',
      summary: 'Read what of mail is tracked that says nothing itself',
      query: fields({ domainId: DomainId }),
      replies: { 200: SwitchesReply },
      example: { query: {} },
      run: async ({ scope, query }) => ({
        status: 200,
        body: switchesJson(await readSwitches(world, scope, query.domainId ?? null)),
      }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/tracking-settings',
      tag: 'tracking domains',
      grant: 'tracking:write',
      summary: 'Say what of mail is tracked that says nothing itself',
      description:
        "A message's own word goes first, then the sending domain's, the subaccount's, the account's (said by the account for " +
        'itself); without any, nothing is tracked. What is left out becomes null.',
      body: fields({
        domainId: DomainId,
        opens: Type.Optional({ ...Word, description: says.opens }),
        initialOpens: Type.Optional({ ...Word, description: says.initialOpens }),
        clicks: Type.Optional({ ...Word, description: says.clicks }),
        textClicks: Type.Optional({ ...Word, description: says.textClicks }),
      }),
      replies: { 200: SwitchesReply },
      example: { body: { opens: true, clicks: true } },
      run: async ({ scope, body }) => {
        const { domainId = null, opens = null, initialOpens = null, clicks = null, textClicks = null } = body;
        const words = { opens, initialOpens, clicks, textClicks };
        return { status: 200, body: switchesJson(await writeSwitches(world, scope, domainId, words)) };
      },
    }),
  ];
}
