/**
 * From stored content to the bytes of one copy: render, compose, sign. HOT PATH: for mail whose copies are the same
 * everything, the signature included, is done once per submission.
 */
import { bodyHash } from '../../mail/dkim/index.ts';
import type { DkimKey, Signer } from '../../mail/dkim/index.ts';
import { makeMessageId } from '../../mail/headers/index.ts';
import { composeParts, headerBlock, isSevenBit, toSevenBit } from '../../mail/mime/index.ts';
import { encodeUnstructured } from '../../mail/headers/index.ts';
import { TemplateCache } from '../../mail/template/cache.ts';
import { encodedFields } from '../../mail/template/fields.ts';
import type { Environment } from '../../mail/template/index.ts';
import { faultText, renderParts } from '../../mail/template/parts.ts';
import type { CopyData, Parts } from '../messages/index.ts';
import type { LeasedMessage } from '../queue/index.ts';
import { partsOf } from './content.ts';
import type { Content } from './content.ts';

export type SigningKeys = {
  /** That bounces come back to, unless the mail says otherwise. */
  readonly bounceHost: string;
  /** Where complaints go. */
  readonly feedbackHost: string;
  /** That signs it (d=). */
  readonly domain: string;
  /** Changes when the keys do, those of others included. */
  readonly ids: string;
  readonly keys: readonly DkimKey[];
  /** Who signs besides, because of the pool that it leaves by. */
  readonly others?: readonly OtherSigner[];
};

export type OtherSigner = { readonly domain: string; readonly keys: readonly DkimKey[] };

/** What a domain of a pool signs with. */
export type PoolKeys = OtherSigner & { readonly ids: string; readonly feedbackHost: string };

/**
 * Signatures of a pool's domains beside the one that mail is from, which stays: DMARC goes by it. `feedback` is where complaints
 * go then, as its signature covers the field that says so (RFC 9477). Null: there is none that is proven.
 */
export function withPoolKeys(
  own: SigningKeys,
  pool: { readonly signing: PoolKeys | null; readonly feedback: PoolKeys | null },
): SigningKeys {
  const others: PoolKeys[] = [];
  for (const each of [pool.signing, pool.feedback])
    if (each !== null && each.domain !== own.domain && others.every(({ domain }) => domain !== each.domain))
      others.push(each);
  const feedbackHost = pool.feedback?.feedbackHost ?? own.feedbackHost;
  return { ...own, feedbackHost, ids: [own.ids, ...others.map(({ ids }) => ids)].join(' '), others };
}

/** A copy ready to leave, not dot-stuffed: header block and body, CRLF lines. */
export type ComposedCopy = {
  readonly header: Buffer;
  readonly body: Buffer;
  readonly bodyHash: Buffer;
  readonly isShared: boolean;
};

export type Composed =
  | { readonly ok: true; readonly copy: ComposedCopy }
  | { readonly ok: false; readonly why: string };

const headerEnd = Buffer.from('\r\n\r\n');
/** A shared signature is made anew after so long: its t= should tell when the copy left. */
const signatureSecondsMax = 3600;

/** What composing needs of a message. */
export type CopyOf = Pick<LeasedMessage, 'messageId' | 'recipient' | 'data'>;

export type Naming = {
  /** Before the @ of the Message-ID of a copy that has its own: its mark; else its id. */
  readonly name?: string;
  /** Of copies that say how to unsubscribe; without it, an address to return to stands for itself. */
  readonly unsubscribe?: Environment['unsubscribe'] | undefined;
};

export function composeCopy(content: Content, message: CopyOf, naming: Naming = {}): Composed {
  if (content.format === 'raw') return { ok: true, copy: rawCopy(content, message) };
  return partsCopy(partsOf(content), message, naming, content.shared.templates ?? new TemplateCache());
}

const unsubscribes = /unsub/i;

function sourcesOf({ language, html, text, amp, snippets }: Parts): string {
  return language === 'plain' ? '' : JSON.stringify([html, text, amp, snippets]);
}

/** Its texts hold a place for a link that unsubscribes. */
export function hasLeaveLinks(content: Content): boolean {
  if (content.format === 'raw' || content.options.tracked?.unsubscribe !== true) return false;
  content.shared.hasLeaveLinks ??= unsubscribes.test(sourcesOf(partsOf(content)));
  return content.shared.hasLeaveLinks;
}

function rawCopy(content: Content, { data }: CopyOf): ComposedCopy {
  content.shared.raw ??= splitRaw(content.bytes);
  const raw = content.shared.raw;
  const { bcc } = (data ?? {}) as CopyData;
  if (bcc === undefined) return { ...raw, isShared: true };
  return { ...raw, header: Buffer.concat([Buffer.from(`Bcc: ${bcc}\r\n`), raw.header]), isShared: false };
}

function splitRaw(bytes: Buffer): { header: Buffer; body: Buffer; bodyHash: Buffer } {
  const at = bytes.indexOf(headerEnd);
  const header = at < 0 ? bytes : bytes.subarray(0, at + 2);
  const body = at < 0 ? Buffer.alloc(0) : bytes.subarray(at + 4);
  return { header, body, bodyHash: bodyHash([body]) };
}

function partsCopy(parts: Parts, message: CopyOf, naming: Naming, cache: TemplateCache): Composed {
  const data = (message.data ?? {}) as CopyData;
  const sources = data.from === undefined ? parts : withFrom(parts, data.from);
  const { name = message.messageId, unsubscribe } = naming;
  const around = { now: parts.date, ...(unsubscribe === undefined ? {} : { unsubscribe }) };
  const rendered = renderParts(sources, { ...parts.data, ...data.merge }, around, cache);
  if (!rendered.ok) return { ok: false, why: faultText(rendered.fault) };
  const mime = composeParts({
    ...(rendered.text === null ? {} : { text: rendered.text }),
    ...(rendered.amp === null ? {} : { amp: rendered.amp }),
    ...(rendered.html === null ? {} : { html: rendered.html }),
    attachments: parts.attachments,
    boundarySeed: message.messageId,
  });
  const fields = headerBlock([
    ...encodedFields(rendered.fields),
    ...parts.fields,
    ['To', data.to ?? message.recipient],
    ['Subject', encodeUnstructured(rendered.subject)],
    ['Date', new Date(parts.date).toUTCString().replace('GMT', '+0000')],
    ['Message-ID', makeMessageId(name, parts.messageIdDomain)],
  ]);
  const header = Buffer.concat([fields, mime.head]);
  return { ok: true, copy: { header, body: mime.body, bodyHash: bodyHash([mime.body]), isShared: false } };
}

/** The copy's own address, which was proven at accept: nothing renders it once more. */
function withFrom(parts: Parts, email: string): Parts {
  const fieldSources = parts.fieldSources.map((source) =>
    source.name === 'From' && 'boxes' in source
      ? { ...source, boxes: source.boxes.map(({ name }) => ({ name, email, isAddressed: true })) }
      : source,
  );
  return { ...parts, fieldSources };
}

/** The domain that a copy is from: its own, or that of the submission. */
export function domainOf({ domainId }: Pick<Content, 'domainId'>, { data }: Pick<CopyOf, 'data'>): string {
  return ((data ?? {}) as CopyData).domainId ?? domainId;
}

/** The domain by which bounces of the copy come back; null: by the one that it is from. */
export function bounceDomainOf(
  { options }: Pick<Content, 'options'>,
  { data }: Pick<CopyOf, 'data'>,
): string | null {
  return ((data ?? {}) as CopyData).bounceDomainId ?? options.bounceDomainId ?? null;
}

/**
 * RFC 9477: where complaints about the copy go, the signing domain or a host below it, and by which name they find it. Both are
 * signed with the rest, so the copy no longer shares a signature. A copy that says something itself is left as it is.
 */
export function withFeedbackHeaders(copy: ComposedCopy, mark: string, host: string): ComposedCopy {
  if (/^cfbl-(?:address|feedback-id)[ \t]*:/im.test(copy.header.toString('latin1'))) return copy;
  const fields = `CFBL-Address: fbl@${host}; report=arf\r\nCFBL-Feedback-ID: ${mark}\r\n`;
  return { ...copy, header: Buffer.concat([Buffer.from(fields, 'latin1'), copy.header]), isShared: false };
}

/** What the next hop takes. */
export type HopNeeds = { readonly eightBit: boolean };

/**
 * The whole message for one hop: signature, header, body. For a hop without 8BITMIME an 8-bit message is re-encoded
 * first and then signed, so that its signature fits what leaves (RFC 6152 3). Null when it cannot be (8-bit header).
 */
export async function signCopy(
  content: Content,
  composed: ComposedCopy,
  signing: { signer: Signer; keys: SigningKeys; nowSeconds: number },
  hop: HopNeeds,
): Promise<readonly Buffer[] | null> {
  const { signer, keys, nowSeconds } = signing;
  let copy = composed;
  if (!hop.eightBit && content.options.needs.eightBit) {
    const bytes = toSevenBit(Buffer.concat([copy.header, Buffer.from('\r\n'), copy.body]));
    if (bytes === null || !isSevenBit(bytes)) return null;
    copy = { ...splitRaw(bytes), isShared: false };
  }
  const fields = await signature(content, copy, { signer, keys, nowSeconds });
  return [fields, copy.header, crlf, copy.body];
}

const crlf = Buffer.from('\r\n');

/** One signature serves all copies that share their bytes, those that ask while it is being made included. */
function signature(
  content: Content,
  copy: ComposedCopy,
  { signer, keys, nowSeconds }: { signer: Signer; keys: SigningKeys; nowSeconds: number },
): Promise<Buffer> {
  const known = content.shared.signature;
  if (copy.isShared && known !== undefined && known.keyIds === keys.ids) {
    if (nowSeconds - known.atSeconds < signatureSecondsMax) return known.fields;
  }
  const signers = [keys, ...(keys.others ?? [])].filter((each) => each.keys.length > 0);
  if (signers.length === 0) return Promise.resolve(Buffer.alloc(0));
  const { header, bodyHash } = copy;
  const signed = signers.map((each) =>
    signer.sign({ header, bodyHash, domain: each.domain, keys: each.keys, timeSeconds: nowSeconds }),
  );
  const [only] = signed;
  const fields =
    only !== undefined && signed.length === 1 ? only : Promise.all(signed).then((all) => Buffer.concat(all));
  if (copy.isShared) content.shared.signature = { fields, keyIds: keys.ids, atSeconds: nowSeconds };
  return fields;
}
