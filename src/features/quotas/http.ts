import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, pageQuery, pageReply, tenantIdPattern, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import type { Quota, UsageLine, Window } from './model.ts';
import { get, setAccount, setSubaccount, usage } from './operations.ts';
import type { QuotaWorld } from './operations.ts';

export type QuotaRoutesWorld = QuotaWorld & {
  /** The number behind `external:<id>` or a number, as the scope sees it; refuses what is not found. */
  readonly subaccountOf: (scope: Scope, reference: string) => Promise<SubaccountId>;
};

const Max = Type.Union([Type.Integer({ minimum: 0, maximum: 1e12 }), Type.Null()], {
  description: 'messages; null for no limit',
});
const WindowReply = fields({
  max: Max,
  used: Type.Integer(),
  startedAt: Type.String(),
  turnsAt: Type.String(),
});
const QuotaReply = fields({
  level: Type.Enum(['account', 'subaccount']),
  subaccountId: Type.Integer(),
  automatic: Type.Boolean({ description: 'the hourly limit follows the reputation' }),
  hourCap: Type.Union([Type.Integer(), Type.Null()], {
    description: 'by reputation: the smaller of this and `hour` counts',
  }),
  hour: WindowReply,
  day: WindowReply,
  month: WindowReply,
});
const Limits = { hour: Type.Optional(Max), day: Type.Optional(Max), month: Type.Optional(Max) };
const Reference = fields({ id: word(264, { pattern: `^(${tenantIdPattern}|external:.{1,255})$` }) });
const Month = word(7, { pattern: '^20\\d\\d-(0[1-9]|1[0-2])$', description: 'YYYY-MM in which it begins' });
const LineReply = fields({
  subaccountId: Type.Integer(),
  name: Type.String(),
  externalId: Type.Union([Type.String(), Type.Null()]),
  used: Type.Integer({ description: 'messages admitted' }),
});

function windowJson({ max, used, startedAt, turnsAt }: Window): Static<typeof WindowReply> {
  return { max, used, startedAt: startedAt.toISOString(), turnsAt: turnsAt.toISOString() };
}

function quotaJson({ level, subaccountId, isAutomatic, hourCap, windows }: Quota): Static<typeof QuotaReply> {
  return {
    level,
    subaccountId: Number(subaccountId),
    automatic: isAutomatic,
    hourCap,
    hour: windowJson(windows.hour),
    day: windowJson(windows.day),
    month: windowJson(windows.month),
  };
}

export function quotaRoutes(world: QuotaRoutesWorld): readonly Route[] {
  return [...own(world), ...ofSubaccount(world), ...statements(world)];
}

function own(world: QuotaRoutesWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/quota',
      tag: 'quotas',
      grant: 'quotas:read',
      summary: 'Read the quota of the account, or of the subaccount that the call acts for',
      replies: { 200: QuotaReply },
      example: {},
      run: async ({ scope }) => {
        const level = scope.reach === 'account' ? 'account' : 'subaccount';
        return { status: 200, body: quotaJson(await get(world, scope, scope.subaccountId, level)) };
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/quota',
      tag: 'quotas',
      grant: 'quotas:write',
      summary: 'Set the limits of the account, its month the one pot of all subaccounts',
      body: fields({
        ...Limits,
        monthStartsOn: Type.Optional(Type.Integer({ minimum: 1, maximum: 28 })),
      }),
      replies: { 200: QuotaReply },
      example: { body: { hour: null, day: null, month: 100_000, monthStartsOn: 1 } },
      run: async ({ scope, body }) => {
        const { hour = null, day = null, month = null, monthStartsOn = null } = body;
        const quota = await setAccount(world, scope, { hour, day, month, monthStartsOn });
        return { status: 200, body: quotaJson(quota) };
      },
    }),
  ];
}

function ofSubaccount(world: QuotaRoutesWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/subaccounts/:id/quota',
      tag: 'quotas',
      grant: 'quotas:read',
      summary: 'Read the quota of a subaccount',
      params: Reference,
      replies: { 200: QuotaReply },
      example: { params: { id: '1002' } },
      run: async ({ scope, params }) => {
        const id = await world.subaccountOf(scope, params.id);
        return { status: 200, body: quotaJson(await get(world, scope, id, 'subaccount')) };
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/subaccounts/:id/quota',
      tag: 'quotas',
      grant: 'quotas:write',
      summary: 'Set the limits of a subaccount; what is left out has none',
      params: Reference,
      body: fields({
        ...Limits,
        automatic: Type.Optional(
          Type.Boolean({ description: 'the hourly limit follows the reputation; `hour` is where it begins' }),
        ),
      }),
      replies: { 200: QuotaReply },
      example: { params: { id: '1002' }, body: { hour: 1000, month: 20_000 } },
      run: async ({ scope, params, body }) => {
        const { hour = null, day = null, month = null, automatic = false } = body;
        const subaccountId = await world.subaccountOf(scope, params.id);
        const ids = { subaccountId, ownId: scope.subaccountId };
        const quota = await setSubaccount(world, scope, ids, { hour, day, month, isAutomatic: automatic });
        return { status: 200, body: quotaJson(quota) };
      },
    }),
  ];
}

function statements(world: QuotaRoutesWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/usage',
      tag: 'quotas',
      grant: 'billing:read',
      summary: "List a month's usage by subaccount",
      query: pageQuery({ month: Month }),
      replies: { 200: pageReply(LineReply) },
      example: { query: { month: '2026-11' } },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0' } = query;
        const page = { first: firstOf(query.month), after: Number(cursor), limit };
        const { lines } = await usage(world, scope, page);
        const last = lines.length === limit ? lines.at(-1) : undefined;
        const next = last === undefined ? null : String(last.subaccountId);
        return { status: 200, body: { items: lines.map(lineJson), next } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/usage/statement',
      tag: 'quotas',
      grant: 'billing:read',
      summary: "A month's usage by subaccount as CSV",
      query: fields({ month: Month }),
      replies: { 200: { raw: 'text/csv' } },
      example: { query: { month: '2026-11' } },
      run: async ({ scope, query }) => ({ status: 200, body: await statement(world, scope, query.month) }),
    }),
  ];
}

function firstOf(month: string): Date {
  return new Date(`${month}-01T00:00:00Z`);
}

function lineJson({ subaccountId, ...line }: UsageLine): Static<typeof LineReply> {
  return { subaccountId: Number(subaccountId), ...line };
}

const statementPage = 5000;

/** All pages in one text: a line is some 60 bytes, a hundred thousand subaccounts 6 MB. */
async function statement(world: QuotaRoutesWorld, scope: Scope, month: string): Promise<string> {
  const rows = ['subaccount,external_id,name,month_start,messages'];
  for (let after = 0; ;) {
    const page = await usage(world, scope, { first: firstOf(month), after, limit: statementPage });
    for (const { subaccountId, externalId, name, used } of page.lines) {
      const start = page.start.toISOString().slice(0, 10);
      rows.push([subaccountId, cell(externalId ?? ''), cell(name), start, used].join(','));
    }
    if (page.lines.length < statementPage) return `${rows.join('\r\n')}\r\n`;
    after = page.lines.at(-1)?.subaccountId ?? 0;
  }
}

/** RFC 4180; a leading sign that a spreadsheet would take for a formula gets a quote. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
