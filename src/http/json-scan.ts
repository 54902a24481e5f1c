/**
 * Finds places in a JSON text: where it breaks (RFC 8259), which path a character belongs to, the first key given
 * twice. Slow by JSON.parse's measure and only run on bodies that are about to be refused. Never recursive.
 */
import { fieldPath } from './field-path.ts';
import type { PathSegment } from './field-path.ts';

export type ScanResult =
  | { readonly kind: 'whole' }
  /** `position` counts UTF-16 units from 0. */
  | { readonly kind: 'broken'; readonly position: number; readonly path: string }
  /** Whole, but for a key given twice: the first such. */
  | { readonly kind: 'duplicate'; readonly path: string }
  /** The token that holds `stopAt` was reached. */
  | { readonly kind: 'stopped'; readonly path: string };

/** An open object (with the keys seen) or list; `segment` is the key or index that is being read. */
type Frame = { readonly keys: Set<string> | null; segment: PathSegment | null };
type Expect = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd' | 'nothing';
type Scan = { readonly text: string; readonly stack: Frame[]; expect: Expect };
/** `end`: behind the token when it is whole, else the position of the fault. */
type Token = { readonly kind: string; readonly end: number };

/** `stopAt`: a position whose path is wanted; -1 to look for faults and duplicates over the whole text. */
export function scanJson(text: string, stopAt = -1): ScanResult {
  const scan: Scan = { text, stack: [], expect: 'value' };
  let at = 0;
  let duplicate: string | null = null;
  for (;;) {
    while (isSpace(text.charCodeAt(at))) at += 1;
    if (at >= text.length && scan.expect === 'nothing') {
      return duplicate === null ? { kind: 'whole' } : { kind: 'duplicate', path: duplicate };
    }
    const token = tokenAt(text, at);
    const fault = token.kind === 'fault' ? 'broken' : step(scan, token, at);
    if (stopAt >= 0 && token.end > stopAt) return { kind: 'stopped', path: pathOf(scan) };
    if (fault === 'duplicate') duplicate ??= pathOf(scan);
    if (fault === 'broken') {
      return { kind: 'broken', position: token.kind === 'fault' ? token.end : at, path: pathOf(scan) };
    }
    at = token.end;
  }
}

function pathOf(scan: Scan): string {
  return fieldPath(scan.stack.flatMap((frame) => (frame.segment === null ? [] : [frame.segment])));
}

function step(scan: Scan, token: Token, at: number): 'fine' | 'broken' | 'duplicate' {
  const top = scan.stack.at(-1);
  const closes = token.kind === (top?.keys ? '}' : ']') && top !== undefined;
  switch (scan.expect) {
    case 'nothing':
      return 'broken';
    case 'colon':
      scan.expect = 'value';
      return token.kind === ':' ? 'fine' : 'broken';
    case 'commaOrEnd':
      if (closes) return close(scan);
      if (token.kind !== ',' || top === undefined) return 'broken';
      if (typeof top.segment === 'number') top.segment += 1;
      scan.expect = top.keys ? 'key' : 'value';
      return 'fine';
    case 'keyOrEnd':
    case 'key': {
      if (closes && scan.expect === 'keyOrEnd') return close(scan);
      if (token.kind !== 'string' || top === undefined) return 'broken';
      const key = String(JSON.parse(scan.text.slice(at, token.end)));
      const isDuplicate = top.keys?.has(key) === true;
      top.keys?.add(key);
      top.segment = key;
      scan.expect = 'colon';
      return isDuplicate ? 'duplicate' : 'fine';
    }
    case 'value':
    case 'valueOrEnd':
      break;
  }
  return closes && scan.expect === 'valueOrEnd' ? close(scan) : open(scan, token.kind);
}

function close(scan: Scan): 'fine' {
  scan.stack.pop();
  scan.expect = scan.stack.length === 0 ? 'nothing' : 'commaOrEnd';
  return 'fine';
}

function open(scan: Scan, kind: string): 'fine' | 'broken' {
  if (kind === '{') {
    scan.stack.push({ keys: new Set(), segment: null });
    scan.expect = 'keyOrEnd';
  } else if (kind === '[') {
    scan.stack.push({ keys: null, segment: 0 });
    scan.expect = 'valueOrEnd';
  } else if (kind === 'string' || kind === 'scalar') {
    scan.expect = scan.stack.length === 0 ? 'nothing' : 'commaOrEnd';
  } else return 'broken';
  return 'fine';
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

const scalar = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.+-])/y;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function tokenAt(text: string, at: number): Token {
  const char = text.charAt(at);
  if (char !== '' && '{}[],:'.includes(char)) return { kind: char, end: at + 1 };
  if (char === '"') return stringAt(text, at);
  scalar.lastIndex = at;
  return scalar.test(text) ? { kind: 'scalar', end: scalar.lastIndex } : { kind: 'fault', end: at };
}

function stringAt(text: string, start: number): Token {
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return { kind: 'string', end: at + 1 };
    // NaN (the text ends) is not >= 0x20 either.
    if (!(code >= 0x20)) return { kind: 'fault', end: at };
    if (code === 0x5c) {
      escape.lastIndex = at;
      if (!escape.test(text)) return { kind: 'fault', end: at };
      at = escape.lastIndex;
    } else at += 1;
  }
}
