/**
 * Members of a call's body (contract, sections 1 and 2): what is not named is ignored, null is "not given", the sentences of
 * what is wrong stand under the member's name.
 */
import { MimeTooDeep, readMail } from '../../mail/mime/index.ts';
import type { ReadMail } from '../../mail/mime/index.ts';
import { invalid } from './words.ts';

export type Body = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value that somebody may have written as text, number or boolean; empty for anything else. */
export function spelled(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** How a sentence is told: flat, or nested under `message`. */
export type Wrong = (field: string, sentence: string) => Error;

export const flat: Wrong = (field, sentence) => invalid({ [field]: sentence });
export const nested: Wrong = (field, sentence) => invalid({ message: { [field]: sentence } });

export function text(body: Body, field: string, lengthMax: number, wrong: Wrong = flat): string | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' && typeof value !== 'number') throw wrong(field, 'Please enter a string');
  const given = String(value);
  if (given.length > lengthMax) throw wrong(field, `Please enter at most ${lengthMax} characters`);
  return given;
}

export function neededText(body: Body, field: string, lengthMax: number, wrong: Wrong = flat): string {
  const given = text(body, field, lengthMax, wrong);
  if (given === null || given === '') throw wrong(field, 'Please enter a value');
  return given;
}

export function flag(body: Body, field: string, wrong: Wrong = flat): boolean | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'boolean') throw wrong(field, 'Please enter a boolean');
  return value;
}

export function whole(body: Body, field: string, wrong: Wrong = flat): number | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number))
    throw wrong(field, 'Please enter an integer');
  return number;
}

export function list(body: Body, field: string, wrong: Wrong = flat): readonly unknown[] | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) throw wrong(field, 'Please enter an array');
  return value;
}

export function texts(body: Body, field: string, wrong: Wrong = flat): readonly string[] | null {
  const given = list(body, field, wrong);
  if (given === null) return null;
  if (!given.every((each) => typeof each === 'string'))
    throw wrong(field, 'Please enter an array of strings');
  return given;
}

export function objects(body: Body, field: string, wrong: Wrong = flat): readonly Body[] | null {
  const given = list(body, field, wrong);
  if (given === null) return null;
  if (!given.every(isObject)) throw wrong(field, 'Please enter an array of objects');
  return given;
}

export function object(body: Body, field: string, wrong: Wrong = flat): Body | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  // An empty array is how some languages write an empty object.
  if (Array.isArray(value) && value.length === 0) return {};
  if (!isObject(value)) throw wrong(field, 'Please enter an object');
  return value;
}

/** Of the provider's own texts for addresses the first that fits. */
export function addressFault(email: string): string | null {
  const parts = email.split('@');
  if (parts.length !== 2) return 'An email address must contain a single @';
  if (parts[0] === '')
    return 'The username portion of the email address is invalid (the portion before the @: )';
  if (!/^[^\s@.]+(?:\.[^\s@.]+)+$/.test(parts[1] ?? ''))
    return `The domain portion of the email address is invalid (the portion after the @: ${parts[1]})`;
  return null;
}

export function neededAddress(body: Body, field: string, wrong: Wrong = flat): string {
  const email = neededText(body, field, 320, wrong).trim();
  const fault = addressFault(email);
  if (fault !== null) throw wrong(field, fault);
  return email;
}

/** A whole message of `field`, as it came over HTTP or SMTP. */
export async function wholeMail(bytes: Buffer, field: string): Promise<ReadMail> {
  return readMail(bytes).catch((error: unknown) => {
    throw error instanceof MimeTooDeep ? flat(field, error.message) : error;
  });
}
