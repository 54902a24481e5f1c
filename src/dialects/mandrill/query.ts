/**
 * The query of messages/search (contract, 4.5): terms, "phrases", `field:value`, AND, OR, NOT, brackets, `*` and `?` inside a
 * word. Pure. What it cannot read it looks for as words.
 */
import { spelled } from './fields.ts';

export type Searched = {
  readonly email: string;
  readonly sender: string;
  readonly subject: string;
  readonly tags: readonly string[];
  readonly state: string;
  readonly subaccount: string | null;
  readonly template: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
};

type Test = (message: Searched) => boolean;

export type Query = {
  readonly matches: Test;
  readonly asksState: boolean;
  /** The whole address that all which matches goes to; null: not to one alone. */
  readonly email: string | null;
};

const token = /\s*(\(|\)|!|-(?=\S)|(?:[a-zA-Z_][\w-]*:)?"(?:[^"\\]|\\.)*"|[^\s()]+)/gy;
const depthMax = 20;
const tokensMax = 200;

export function parseQuery(text: string): Query {
  const tokens = [...text.matchAll(token)].map((found) => found[1] ?? '').slice(0, tokensMax);
  const reading = { tokens, next: 0 };
  const parts: Query[] = [];
  while (reading.next < tokens.length) {
    parts.push(either(reading, 0));
    // A closing bracket that nobody opened.
    if (reading.tokens[reading.next] === ')') reading.next += 1;
  }
  return all(parts);
}

const everyMail: Query = { matches: () => true, asksState: false, email: null };

function all(parts: readonly Query[]): Query {
  return {
    matches: (message) => parts.every(({ matches }) => matches(message)),
    asksState: parts.some(({ asksState }) => asksState),
    email: parts.find(({ email }) => email !== null)?.email ?? null,
  };
}

type Reading = { readonly tokens: readonly string[]; next: number };

function either(reading: Reading, depth: number): Query {
  const first = both(reading, depth);
  const parts = [first];
  while (isWord(reading, 'OR', '||')) {
    reading.next += 1;
    parts.push(both(reading, depth));
  }
  if (parts.length === 1) return first;
  return { ...all(parts), matches: (message) => parts.some(({ matches }) => matches(message)), email: null };
}

function both(reading: Reading, depth: number): Query {
  const parts: Query[] = [];
  while (reading.next < reading.tokens.length && reading.tokens[reading.next] !== ')') {
    if (isWord(reading, 'OR', '||')) break;
    if (isWord(reading, 'AND', '&&')) reading.next += 1;
    else parts.push(one(reading, depth));
  }
  return all(parts);
}

function one(reading: Reading, depth: number): Query {
  const word = reading.tokens[reading.next] ?? '';
  reading.next += 1;
  if (word === 'NOT' || word === '!' || word === '-') {
    if (reading.next >= reading.tokens.length || depth > depthMax) return everyMail;
    const part = one(reading, depth + 1);
    return { ...part, matches: (message) => !part.matches(message), email: null };
  }
  if (word === '(' && depth < depthMax) {
    const part = either(reading, depth + 1);
    if (reading.tokens[reading.next] === ')') reading.next += 1;
    return part;
  }
  return termOf(word);
}

function isWord({ tokens, next }: Reading, ...words: readonly string[]): boolean {
  return words.includes(tokens[next] ?? '');
}

function termOf(word: string): Query {
  const found = /^(?:([a-zA-Z_][\w-]*):)?(.*)$/s.exec(word);
  const field = found?.[1];
  const value = (found?.[2] ?? '').replace(/^"(.*)"$/s, '$1').toLowerCase();
  if (value === '' || value === '*') return everyMail;
  return {
    matches: testOf(field, value),
    asksState: field?.toLowerCase() === 'state',
    email: field === 'full_email' ? value : null,
  };
}

function testOf(field: string | undefined, value: string): Test {
  const matches = wordMatcher(value);
  if (field === undefined)
    return ({ email, sender, subject, tags }) => [email, sender, subject, ...tags].some(matches);
  const read = fields[field.toLowerCase()];
  if (read !== undefined)
    return (message) => read(message).some(field === 'full_email' ? exact(value) : matches);
  if (field.startsWith('u_')) return ({ metadata }) => matches(spelled(metadata[field.slice(2)]));
  return ({ subject }) => matches(`${field}:${value}`) || matches(subject);
}

const fields: Readonly<Record<string, (message: Searched) => readonly string[]>> = {
  full_email: ({ email }) => [email],
  email: ({ email }) => [email],
  sender: ({ sender }) => [sender],
  subject: ({ subject }) => [subject],
  state: ({ state }) => [state],
  tags: ({ tags }) => tags,
  subaccount: ({ subaccount }) => (subaccount === null ? [] : [subaccount]),
  template: ({ template }) => (template === null ? [] : [template]),
};

const exact =
  (value: string) =>
  (text: string): boolean =>
    text.toLowerCase() === value;

/**
 * A word stands in a text as one of its words, or is the whole of it; a `*` at its end stands for any run, `?` for one
 * character. Stars elsewhere are left out: several of them would make a pattern slow.
 */
function wordMatcher(value: string): (text: string) => boolean {
  const isBegin = value.endsWith('*');
  const source = value
    .slice(0, 200)
    .replaceAll('*', '')
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('?', '[^\\s]');
  const pattern = new RegExp(`(?:^|[^\\p{L}\\p{N}])${source}${isBegin ? '' : '(?:$|[^\\p{L}\\p{N}])'}`, 'u');
  return (text) => pattern.test(text.slice(0, 1000).toLowerCase());
}
