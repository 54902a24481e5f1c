/** What two replies have in common, and what a reply must not hold: pure. */
import type { Reply } from './door.ts';

/** These differ between any two replies; the length says nothing that the bodies do not. */
const passingHeaders = new Set([
  'date',
  'lettershop-request-id',
  'content-length',
  'connection',
  'keep-alive',
]);

/** The reply without what differs between any two: its own request id, and what its caller itself had sent. */
export function comparable(reply: Reply, sent: readonly string[]): string {
  const id = reply.headers['lettershop-request-id'];
  const headers = Object.entries(reply.headers)
    .filter(([name]) => !passingHeaders.has(name))
    .map(([name, value]) => `${name}: ${value}`)
    .sort();
  const text = [String(reply.status), ...headers, '', reply.body].join('\n');
  return without(id === undefined ? text : text.replaceAll(id, '(request)'), sent);
}

/** `text` with each of the values blanked where it stands for itself, in its plain and its percent-encoded form. */
export function without(text: string, values: readonly string[]): string {
  let rest = text;
  for (const value of values.toSorted((a, b) => b.length - a.length)) {
    for (const form of new Set([value, encodeURIComponent(value)])) {
      if (isApart(form, rest.toLowerCase())) continue;
      rest = rest.replaceAll(new RegExp(`(?<![\\w.-])${escape(form)}(?![\\w-])`, 'gi'), '(sent)');
    }
  }
  return rest;
}

/** Null when they are the same, else the first line in which they differ, both ways. */
export function difference(foreign: string, missing: string): string | null {
  if (foreign === missing) return null;
  const left = foreign.split('\n');
  const right = missing.split('\n');
  const at = left.findIndex((line, index) => line !== right[index]);
  return `foreign answers "${cut(left[at])}", missing answers "${cut(right[at])}"`;
}

function cut(line: string | undefined): string {
  return (line ?? '(nothing)').slice(0, 200);
}

/** What belongs to A: the random word in all its texts, and the ids of its things. */
export type Secrets = { readonly canary: string; readonly ids: readonly string[] };

/** Which of A's words the text of a reply holds, besides those that the caller itself had sent. */
export function leaksIn(reply: Reply, { canary, ids }: Secrets, sent: readonly string[]): readonly string[] {
  const headers = Object.entries(reply.headers).filter(([name]) => !passingHeaders.has(name));
  const whole = [...headers.map(([name, value]) => `${name}: ${value}`), reply.body].join('\n');
  const text = without(whole, sent);
  const lower = text.toLowerCase();
  const lowerBody = reply.body.toLowerCase();
  const found = lower.includes(canary) ? [canary] : [];
  const long = ids.filter((id) => id.length >= longEnough && !isApart(id, lower) && wordIn(id).test(text));
  // Small numbers stand in many places by chance: they count where a field is called an id, or a text names them.
  const short = ids.filter(
    (id) => id.length < longEnough && !sent.includes(id) && !isApart(id, lowerBody) && isIdIn(id, reply.body),
  );
  return [...found, ...long, ...short];
}

const longEnough = 6;

/** Not even as a part of something else; asked first, as a pattern costs 3 us where this costs 0.1, and most ids are nowhere. */
function isApart(value: string, lowerText: string): boolean {
  return !lowerText.includes(value.toLowerCase());
}

function wordIn(id: string): RegExp {
  return new RegExp(`(?<![\\w+/.-])${escape(id)}(?![\\w+/-])`, 'i');
}

function isIdIn(id: string, body: string): boolean {
  const field = new RegExp(`"(?:\\w*id|subaccount|account|seq|cursor|next)":"?${escape(id)}(?![\\w.])`, 'i');
  const told = new RegExp(
    `"(?:detail|message|explain|text|why)":"[^"]*(?<![\\w.:-])${escape(id)}(?![\\w:-])`,
    'i',
  );
  return field.test(body) || told.test(body);
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** An id of the same form that nobody has: a number far from the given one, other letters for letters. */
export function missingLike(id: string): string {
  if (/^\d{1,9}$/.test(id)) return String(900_000_000 + random(99_000_000));
  if (/^\d{10,16}$/.test(id)) return String(9_000_000_000_000_000 + random(7_000_000_000_000));
  // A message's id is a time with a number: earlier by minutes, so that it is looked for in the same place.
  if (/^\d{17,19}$/.test(id)) return String(BigInt(id) - 1_000_000_000_000n - BigInt(random(1_000_000_000)));
  const external = /^external:/.exec(id)?.[0] ?? '';
  return external + id.slice(external.length).replaceAll(/[a-z]/gi, () => letters[random(26)] ?? 'a');
}

const letters = 'abcdefghijklmnopqrstuvwxyz';

/** A word that stands nowhere else: letters only, so that it may be a tag, a name, a domain label. */
export function randomWord(prefix: string): string {
  return prefix + Array.from({ length: 14 }, () => letters[random(26)]).join('');
}

function random(below: number): number {
  return Math.floor(Math.random() * below);
}
