/** Tags (contract, 4.10): whatever mail was sent with, by its figures. */
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { neededText } from './fields.ts';
import type { Body } from './fields.ts';
import { figuresOf, keptDays, seriesOf, statsBy, statsFrom, taggedSeries, windowsOf } from './figures.ts';
import { unknown } from './words.ts';

const example = { tag: 'welcome' };

export const tagCalls: readonly MandrillCall[] = [
  { call: 'tags/list', example: {}, run: list },
  { call: 'tags/info', example, run: info },
  { call: 'tags/delete', example, run: remove },
  { call: 'tags/time-series', example, run: series },
  { call: 'tags/all-time-series', example: {}, run: taggedSeries },
];

async function list(caller: MandrillCaller): Promise<unknown> {
  const tags = await statsBy(caller, 'tag');
  return tags.map(({ value, stats, score }) => ({ tag: value, reputation: score, ...stats }));
}

/** Refused as unknown when no mail that the key reaches has it. */
async function needed(caller: MandrillCaller, body: Body) {
  const tag = neededText(body, 'tag', 128);
  const { total, items } = await figuresOf(caller, keptDays, { by: 'tag', tag: [tag], limit: 1 });
  if (items.length === 0) throw unknown.tag(tag);
  return { tag, stats: statsFrom(total) };
}

async function info(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { tag, stats } = await needed(caller, body);
  return { tag, ...stats, stats: await windowsOf(caller, { tag: [tag] }) };
}

/** Out of the figures, which go on under it when mail with it is sent again; the mail that was sent keeps it. */
async function remove(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { tag, stats } = await needed(caller, body);
  await caller.world.native.call(caller.all, 'POST /figures/remove-tag', { body: { tag } });
  return { tag, ...stats };
}

async function series(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { tag } = await needed(caller, body);
  return seriesOf(caller, { tag: [tag] });
}
