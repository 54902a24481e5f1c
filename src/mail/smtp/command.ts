/** SMTP commands and their parameters as values (RFC 5321 4.1, 6531, 3461, 1870, 6152, 8689, 4954, 3030): pure. */

export type BodyKind = '7BIT' | '8BITMIME';

export type MailParameters = {
  readonly size?: number;
  readonly body: BodyKind;
  readonly smtputf8: boolean;
  readonly ret?: 'FULL' | 'HDRS';
  readonly envid?: string;
  readonly requireTls: boolean;
};

export type EnvelopeSender = { readonly address: string; readonly parameters: MailParameters };
export type EnvelopeRecipient = {
  readonly address: string;
  readonly notify?: readonly string[];
  readonly orcpt?: string;
};

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly code: 501 | 552 | 553 | 555;
      readonly enhanced: string;
      readonly text: string;
    };

function bad(
  code: 501 | 552 | 553 | 555,
  enhanced: string,
  text: string,
): { ok: false; code: 501 | 552 | 553 | 555; enhanced: string; text: string } {
  return { ok: false, code, enhanced, text };
}

/** Splits `FROM:<path> parameters`; source routes are dropped (RFC 5321 4.1.1.3). */
function splitPath(rest: string, keyword: 'FROM' | 'TO'): { path: string; parameters: string } | null {
  if (rest.slice(0, keyword.length + 1).toUpperCase() !== `${keyword}:`) return null;
  const text = rest.slice(keyword.length + 1).trimStart();
  if (!text.startsWith('<')) return null;
  let isQuoted = false;
  for (let at = 1; at < text.length; at++) {
    const char = text[at];
    if (char === '\\' && isQuoted) at += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === '>' && !isQuoted) {
      const after = text.slice(at + 1);
      if (after !== '' && !after.startsWith(' ')) return null;
      return { path: text.slice(1, at).replace(/^@[^:"]*:/, ''), parameters: after.trim() };
    }
  }
  return null;
}

const mailboxPattern =
  /^(?:"(?:[^"\\\p{Cc}]|\\[ -~])*"|[^\s"(),:;<>@[\\\]\p{Cc}]+)@(?:\[[A-Za-z0-9:.-]+\]|[^\s"(),:;<>@[\\\]\p{Cc}]+)$/u;

function checkPath(path: string, smtputf8: boolean): string | null {
  if (Buffer.byteLength(path) > 320) return 'the path is too long';
  if (!mailboxPattern.test(path)) return 'the address is not valid';
  if (!smtputf8 && /\P{ASCII}/u.test(path)) return 'the address needs SMTPUTF8';
  return null;
}

/** xtext (RFC 3461 4). */
function isXtext(text: string): boolean {
  return /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})+$/.test(text);
}

/** RFC 5321 4.1.2: each keyword once. */
function repeatedParameter(words: readonly string[]): ReturnType<typeof bad> | null {
  if (words.length < 2) return null;
  const names = words.map((word) => word.split('=', 1)[0]?.toUpperCase() ?? '');
  const again = names.find((name, at) => names.indexOf(name) !== at);
  return again === undefined ? null : bad(501, '5.5.4', `${again.slice(0, 40)} is given twice`);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The argument of MAIL. `sizeMax` in bytes; `isSecure` allows REQUIRETLS. */
export function parseMail(
  rest: string,
  limits: { sizeMax: number; isSecure: boolean },
): Parsed<EnvelopeSender> {
  const split = splitPath(rest, 'FROM');
  if (split === null) return bad(501, '5.5.4', 'syntax: MAIL FROM:<address> [parameters]');
  const parameters: Mutable<MailParameters> = { body: '7BIT', smtputf8: false, requireTls: false };
  const words = split.parameters === '' ? [] : split.parameters.split(/ +/);
  const repeated = repeatedParameter(words);
  if (repeated !== null) return repeated;
  for (const word of words) {
    const problem = mailParameter(word, parameters, limits);
    if (problem !== null) return problem;
  }
  if (split.path !== '') {
    const problem = checkPath(split.path, parameters.smtputf8);
    if (problem !== null) return bad(501, '5.1.7', problem);
  }
  return { ok: true, value: { address: split.path, parameters } };
}

function mailParameter(
  word: string,
  into: Mutable<MailParameters>,
  { sizeMax, isSecure }: { sizeMax: number; isSecure: boolean },
): ReturnType<typeof bad> | null {
  const equals = word.indexOf('=');
  const name = (equals < 0 ? word : word.slice(0, equals)).toUpperCase();
  const value = equals < 0 ? '' : word.slice(equals + 1);
  switch (name) {
    case 'SIZE':
      if (!/^\d{1,20}$/.test(value)) return bad(501, '5.5.4', 'SIZE must be a number');
      if (Number(value) > sizeMax) return bad(552, '5.3.4', `the message must not exceed ${sizeMax} bytes`);
      into.size = Number(value);
      return null;
    case 'BODY': {
      const kind = value.toUpperCase();
      if (kind !== '7BIT' && kind !== '8BITMIME') return bad(501, '5.5.4', 'BODY must be 7BIT or 8BITMIME');
      into.body = kind;
      return null;
    }
    case 'SMTPUTF8':
      if (equals >= 0) return bad(501, '5.5.4', 'SMTPUTF8 takes no value');
      into.smtputf8 = true;
      return null;
    case 'RET': {
      const ret = value.toUpperCase();
      if (ret !== 'FULL' && ret !== 'HDRS') return bad(501, '5.5.4', 'RET must be FULL or HDRS');
      into.ret = ret;
      return null;
    }
    case 'ENVID':
      if (value.length > 100 || !isXtext(value))
        return bad(501, '5.5.4', 'ENVID must be xtext of at most 100 characters');
      into.envid = value;
      return null;
    case 'REQUIRETLS':
      if (!isSecure) return bad(555, '5.5.4', 'REQUIRETLS is known only inside TLS');
      into.requireTls = true;
      return null;
    case 'AUTH':
      return null;
    default:
      return bad(555, '5.5.4', `the parameter ${name.slice(0, 40)} is not known`);
  }
}

/** The argument of RCPT. */
export function parseRcpt(rest: string, smtputf8: boolean): Parsed<EnvelopeRecipient> {
  const split = splitPath(rest, 'TO');
  if (split === null) return bad(501, '5.5.4', 'syntax: RCPT TO:<address> [parameters]');
  const recipient: Mutable<EnvelopeRecipient> = { address: split.path };
  const words = split.parameters === '' ? [] : split.parameters.split(/ +/);
  const repeated = repeatedParameter(words);
  if (repeated !== null) return repeated;
  for (const word of words) {
    const equals = word.indexOf('=');
    const name = (equals < 0 ? word : word.slice(0, equals)).toUpperCase();
    const value = equals < 0 ? '' : word.slice(equals + 1);
    if (name === 'NOTIFY') {
      const list = value.toUpperCase().split(',');
      const isList = list.every((item) => item === 'SUCCESS' || item === 'FAILURE' || item === 'DELAY');
      if (value.toUpperCase() !== 'NEVER' && !isList)
        return bad(501, '5.5.4', 'NOTIFY must be NEVER or a list');
      recipient.notify = list;
    } else if (name === 'ORCPT') {
      if (value.length > 500 || !/^[\w-]+;/.test(value)) return bad(501, '5.5.4', 'ORCPT must be type;xtext');
      recipient.orcpt = value;
    } else return bad(555, '5.5.4', `the parameter ${name.slice(0, 40)} is not known`);
  }
  // RFC 5321 4.5.1: postmaster needs no domain.
  if (split.path.toLowerCase() === 'postmaster') return { ok: true, value: recipient };
  const problem = checkPath(split.path, smtputf8);
  return problem === null ? { ok: true, value: recipient } : bad(501, '5.1.3', problem);
}
