/**
 * Header fields that a language writes for each copy: names and addresses of From and Reply-To, values of others. What is
 * rendered is put together anew, so that data can add neither a field nor a second address.
 */
import { formatMailbox, parseAddress } from '../address.ts';
import { encodeUnstructured } from '../headers/words.ts';
import type { Rendering } from './index.ts';
import type { PartFault } from './parts.ts';

export type BoxSource = {
  readonly name: string | null;
  readonly email: string;
  /** The address is one already: only the name is a source. */
  readonly isAddressed: boolean;
};

export type FieldSource = {
  /** As it stands in the mail. */
  readonly name: string;
  /** As faults call it: `from`, `replyTo`, `headers.X-Mine`. */
  readonly part: string;
} & ({ readonly value: string } | { readonly boxes: readonly BoxSource[] });

export type RenderedBox = { readonly name: string | null; readonly email: string };
export type RenderedField = { readonly name: string } & (
  | { readonly value: string }
  | { readonly boxes: readonly RenderedBox[] }
);

/** Something for some language to render; without such a mark a source stands as it is. */
export function hasMarks(source: string): boolean {
  return /\{[{%$]|\*\||\[\[/.test(source);
}

/** An address without marks is one already. */
export function boxSource({ email, name }: { readonly email: string; readonly name?: string }): BoxSource {
  return { name: name ?? null, email, isAddressed: !hasMarks(email) };
}

/** What of a field is rendered. */
export function sourcesIn(field: FieldSource): readonly string[] {
  if ('value' in field) return [field.value];
  return field.boxes.flatMap(({ name, email, isAddressed }) => [
    ...(name === null ? [] : [name]),
    ...(isAddressed ? [] : [email]),
  ]);
}

type RenderOne = (source: string) => Rendering;

class Failed extends Error {
  readonly fault: PartFault;

  constructor(fault: PartFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** One copy's fields; an address that comes out empty is left out, one that is none is a fault. */
export function renderFields(
  fields: readonly FieldSource[],
  one: RenderOne,
): { readonly fields: readonly RenderedField[] } | { readonly fault: PartFault } {
  try {
    return { fields: fields.map((field) => renderField(field, one)) };
  } catch (error) {
    if (error instanceof Failed) return { fault: error.fault };
    throw error;
  }
}

function renderField(field: FieldSource, one: RenderOne): RenderedField {
  const { name, part } = field;
  const rendered = (source: string): string => {
    const made = one(source);
    if (!made.ok) throw new Failed({ ...made.fault, part });
    return made.text.trim();
  };
  if ('value' in field) return { name, value: rendered(field.value) };
  const boxes = field.boxes
    .map((box) => ({
      name: box.name === null ? null : rendered(box.name),
      email: box.isAddressed ? box.email : rendered(box.email),
    }))
    .filter(({ email }) => email !== '');
  const bad = boxes.find(({ email }) => parseAddress(email) === null);
  if (bad !== undefined)
    throw new Failed({ part, kind: 'render', message: 'is not a valid e-mail address', line: 1, column: 1 });
  return { name, boxes };
}

/** Names and values as they stand in the mail, without lists of addresses of which none is left. */
export function encodedFields(
  fields: readonly RenderedField[],
): readonly (readonly [name: string, value: string])[] {
  return fields.map(encodedField).filter((field) => field !== null);
}

function encodedField(field: RenderedField): readonly [name: string, value: string] | null {
  if ('value' in field) return [field.name, encodeUnstructured(field.value)];
  const boxes = field.boxes.flatMap(({ name, email }) => {
    const address = parseAddress(email);
    return address === null ? [] : [formatMailbox(name === null ? { address } : { address, name })];
  });
  return boxes.length === 0 ? null : [field.name, boxes.join(', ')];
}
