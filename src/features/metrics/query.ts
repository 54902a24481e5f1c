/** How a caller asks for figures: the same fields in a query and in a saved report. */
import { Type } from 'typebox';
import type { Static, TObject, TProperties } from 'typebox';
import { fields, idPattern, Instant, instantMs, word } from '../../base/route.ts';
import { regions } from '../../mail/site-regions.ts';
import { derivedDimensions, dimensions } from './model.ts';
import type { FigureQuery } from './operations.ts';
import { minuteSteps, steps } from './periods.ts';
import type { MinuteStep, Step } from './periods.ts';
import { toWhere, whereWords } from './where.ts';

const several = { maxItems: 50, description: 'several are given by repeating it' } as const;
const Name = (length: number) => Type.Optional(Type.Array(word(length), several));
const Id = Type.Optional(Type.Array(word(19, { pattern: idPattern }), several));

/** All but when. */
export const whatFields = {
  by: Type.Optional(Type.Enum(['subaccount', ...dimensions, ...derivedDimensions])),
  and: Type.Optional(
    Type.Enum(['subaccount', ...dimensions, ...derivedDimensions], {
      description: 'a row for each pair of by and this',
    }),
  ),
  step: Type.Optional(Type.Enum(steps, { description: 'a row for each; weeks begin on Monday' })),
  timeZone: Type.Optional(
    word(64, {
      description:
        'UTC when left out; hours are counted as a whole, where a zone cuts one it counts where it begins',
    }),
  ),
  compare: Type.Optional(Type.Enum(['previous'], { description: 'with the period right before, as long' })),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: 'values of by, those with most mail; 100' }),
  ),
  subaccount: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 2_147_483_647 }), several)),
  sendingDomain: Name(253),
  senderAddress: Name(320),
  recipientDomain: Name(253),
  site: Name(253),
  region: Type.Optional(
    Type.Array(Type.Enum(regions), { maxItems: regions.length, description: 'where the site is' }),
  ),
  source: Name(64),
  pool: Id,
  template: Id,
  campaign: Name(128),
  reason: Name(200),
  link: Name(128),
  attempt: Name(9),
  subject: Name(200),
  tag: Name(128),
} as const satisfies TProperties;

export const WhatQuery: TObject<typeof whatFields> = fields(whatFields);
export type What = Static<typeof WhatQuery>;

export const FiguresQuery = fields({
  from: Type.Optional(Instant),
  until: Type.Optional(Instant),
  ...whatFields,
  where: Type.Optional(word(8000, { description: whereWords })),
  step: Type.Optional(
    Type.Enum([...(Object.keys(minuteSteps) as MinuteStep[]), ...steps], {
      description:
        'a row for each; weeks begin on Monday. Minutes: of the last days, 24 hours at most, without by and compare',
    }),
  ),
});

const lower = (names: readonly string[]): string[] => names.map((name) => name.toLowerCase());

type Asked = Omit<What, 'step'> & {
  readonly step?: Step;
  readonly from?: string;
  readonly until?: string;
  readonly where?: string;
};

export function toQuery(what: Asked): FigureQuery {
  const {
    from,
    until,
    by = null,
    and = null,
    step = null,
    timeZone = 'UTC',
    compare,
    limit = 100,
    where,
    ...filters
  } = what;
  return {
    from: from === undefined ? null : instantMs(from),
    until: until === undefined ? null : instantMs(until),
    by,
    and,
    step,
    timeZone,
    limit,
    comparesPrevious: compare === 'previous',
    where: where === undefined ? [] : toWhere(where),
    filters: {
      ...filters,
      ...(filters.sendingDomain === undefined ? {} : { sendingDomain: lower(filters.sendingDomain) }),
      ...(filters.senderAddress === undefined ? {} : { senderAddress: lower(filters.senderAddress) }),
      ...(filters.recipientDomain === undefined ? {} : { recipientDomain: lower(filters.recipientDomain) }),
    },
  };
}
