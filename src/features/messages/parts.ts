/**
 * The stored form of a submission whose copies differ: what each copy is composed from when it leaves. One buffer:
 * length of the JSON (4 octets, big-endian), the JSON, then the attachments' bytes one after the other, so that a
 * 10 MB attachment is neither base64 in JSON nor parsed again for each copy.
 */
import { assert } from '../../base/assert.ts';
import type { FieldSource } from '../../mail/template/fields.ts';
import type { Data, Language } from '../../mail/template/index.ts';
import type { PartSources } from '../../mail/template/parts.ts';
import type { LateTemplate } from './model.ts';

export type PartsAttachment = {
  readonly filename: string;
  readonly contentType: string;
  readonly contentId?: string;
  readonly disposition: 'attachment' | 'inline';
  readonly bytes: Buffer;
};

/** Header values are as they will stand in the message: encoded, without line ends. */
export type Parts = {
  /** Fields that every copy has, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** In `language`: rendered for each copy, then encoded. */
  readonly fieldSources: readonly FieldSource[];
  readonly subject: string;
  readonly text: string | null;
  readonly amp: string | null;
  readonly html: string | null;
  readonly language: Language;
  /** For all copies; a copy's own data goes before it, name by name. */
  readonly data: Data | null;
  /** What the language may render, by name, as it was at accept. */
  readonly snippets: PartSources['snippets'];
  /** Milliseconds: the Date field of every copy. */
  readonly date: number;
  /** Domain of the Message-IDs. */
  readonly messageIdDomain: string;
  readonly attachments: readonly PartsAttachment[];
  /** All of it but attachments and data is made anew, in this way, when its time has come. */
  readonly late?: LateTemplate;
};

type StoredAttachment = Omit<PartsAttachment, 'bytes'> & { readonly length: number };

type StoredParts = Omit<Parts, 'attachments'> & {
  readonly attachments: readonly StoredAttachment[];
  readonly isTemplate?: boolean;
};

export function encodeParts(parts: Parts): Buffer {
  const attachments = parts.attachments.map(({ bytes, ...rest }): StoredAttachment => ({
    ...rest,
    length: bytes.length,
  }));
  const json = Buffer.from(JSON.stringify({ ...parts, attachments }), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, ...parts.attachments.map(({ bytes }) => bytes)]);
}

export function decodeParts(content: Buffer): Parts {
  const { attachments: stored, ...head } = decodeHead(content);
  let at = 4 + content.readUInt32BE(0);
  const attachments = stored.map(({ length, ...rest }): PartsAttachment => {
    const bytes = content.subarray(at, at + length);
    at += length;
    return { ...rest, bytes };
  });
  assert(at === content.length, 'stored parts have another length than they say');
  return { ...head, attachments };
}

/** All but the bytes of attachments, which may be missing. */
export function decodeHead(
  content: Buffer,
): Omit<Parts, 'attachments'> & { readonly attachments: readonly StoredAttachment[] } {
  const jsonLength = content.readUInt32BE(0);
  const stored = JSON.parse(content.toString('utf8', 4, 4 + jsonLength)) as StoredParts;
  // Mail that was accepted when Liquid was the only language says so by `isTemplate`.
  const { isTemplate, ...known } = stored;
  const before = {
    fieldSources: [],
    amp: null,
    language: isTemplate === true ? ('liquid' as const) : ('plain' as const),
    data: null,
    snippets: {},
  };
  return { ...before, ...known };
}
