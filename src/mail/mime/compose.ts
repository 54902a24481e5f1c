/**
 * Composing a body from text, HTML and attachments (RFC 2045, 2046, 2231, 2387, 2392): always 7-bit, so that a signature
 * survives any hop. alternative(text, amp, html), related around html for inline images, mixed around it for attachments.
 */
import { chooseEncoding, encodeWith, normaliseLines } from './encode.ts';

export type MimeAttachment = {
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Buffer;
  /** Without angle brackets; what `cid:` refers to. */
  readonly contentId?: string;
  readonly disposition: 'attachment' | 'inline';
};

export type MimeContent = {
  readonly text?: string;
  /** AMP for Email, with text or html beside it. */
  readonly amp?: string;
  readonly html?: string;
  readonly attachments: readonly MimeAttachment[];
  /** Boundaries are made of it: the same content composes to the same bytes. */
  readonly boundarySeed: string;
};

/** Header fields that describe the body, and the body; CRLF line ends, the body ends in CRLF. */
export type MimeParts = { readonly head: Buffer; readonly body: Buffer };

type Entity = { readonly fields: readonly string[]; readonly body: readonly Buffer[] };

export function composeParts(content: MimeContent): MimeParts {
  const inline = content.attachments.filter(
    ({ disposition, contentId }) => disposition === 'inline' && contentId !== undefined,
  );
  const attached = content.attachments.filter((attachment) => !inline.includes(attachment));
  const seed = content.boundarySeed.replaceAll(/[^A-Za-z0-9]/g, '');
  const bodies: Entity[] = [];
  if (content.text !== undefined || content.html === undefined)
    bodies.push(textEntity('plain', content.text ?? ''));
  // Never last: who does not know the type may show it as plain text (RFC 2046 4.1.4), or the last part whatever it is.
  if (content.amp !== undefined)
    bodies.splice(content.html === undefined ? 0 : 1, 0, textEntity('x-amp-html', content.amp));
  if (content.html !== undefined) {
    const html = textEntity('html', content.html);
    const images = inline.map(attachmentEntity);
    bodies.push(
      images.length === 0 ? html : multipart('related', `${seed}r`, [html, ...images], '; type="text/html"'),
    );
  }
  const [only] = bodies;
  let entity =
    bodies.length === 1 && only !== undefined ? only : multipart('alternative', `${seed}a`, bodies);
  const rest = content.html === undefined ? content.attachments : attached;
  if (rest.length > 0) entity = multipart('mixed', `${seed}m`, [entity, ...rest.map(attachmentEntity)]);
  const head = ['MIME-Version: 1.0', ...entity.fields].join('\r\n');
  return { head: Buffer.from(`${head}\r\n`, 'latin1'), body: Buffer.concat(entity.body) };
}

function textEntity(subtype: 'plain' | 'x-amp-html' | 'html', text: string): Entity {
  const bytes = Buffer.from(normaliseLines(text.toWellFormed()), 'utf8');
  const encoding = chooseEncoding(bytes);
  return {
    fields: [`Content-Type: text/${subtype}; charset=utf-8`, `Content-Transfer-Encoding: ${encoding}`],
    body: [encodeWith(encoding, bytes)],
  };
}

function attachmentEntity(attachment: MimeAttachment): Entity {
  const name = safeFilename(attachment.filename);
  const fields = [
    `Content-Type: ${safeType(attachment.contentType)};\r\n ${parameter('name', name)}`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: ${attachment.disposition};\r\n ${parameter('filename', name)}`,
  ];
  if (attachment.contentId !== undefined)
    fields.push(`Content-ID: <${attachment.contentId.replaceAll(/[^\u0021-\u007e]|[<>]/g, '')}>`);
  return { fields, body: [encodeWith('base64', attachment.bytes)] };
}

/** Multiparts are composed of encoded parts only, so a boundary with "=_" can never occur in one (RFC 2045 6.7). */
function multipart(subtype: string, seed: string, entities: readonly Entity[], more = ''): Entity {
  const boundary = uniqueBoundary(seed, entities);
  const body: Buffer[] = [];
  for (const { fields, body: inner } of entities) {
    body.push(Buffer.from(`--${boundary}\r\n${fields.join('\r\n')}\r\n\r\n`, 'latin1'), ...inner);
    body.push(Buffer.from('\r\n'));
  }
  body.push(Buffer.from(`--${boundary}--\r\n`, 'latin1'));
  return { fields: [`Content-Type: multipart/${subtype}${more};\r\n boundary="${boundary}"`], body };
}

function uniqueBoundary(seed: string, entities: readonly Entity[]): string {
  for (let attempt = 0; ; attempt++) {
    const boundary = `=_${seed}_${attempt}`.slice(0, 69);
    if (!entities.some(({ body }) => body.some((chunk) => chunk.includes(boundary)))) return boundary;
  }
}

function safeFilename(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, '')
    .trim()
    .slice(0, 200);
  return clean === '' || /^\.+$/.test(clean) ? 'attachment' : clean;
}

function safeType(type: string): string {
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream';
}

/** RFC 2231 with an ASCII fallback beside it, for readers that know only the old form. */
function parameter(name: string, value: string): string {
  if (/^[\u0020-\u007e]*$/.test(value) && value.length <= 60)
    return `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`;
  const ascii = value.replaceAll(/[^\u0020-\u007e]|["\\]/g, '_').slice(0, 60);
  const encoded = encodeURIComponent(value).replaceAll(
    /['()*!]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const pieces = encoded.match(/(?:%[0-9A-F]{2}|.){1,50}/g) ?? [''];
  const [first = ''] = pieces;
  const fallback = `${name}="${ascii}"`;
  if (pieces.length === 1) return `${fallback};\r\n ${name}*=UTF-8''${first}`;
  const continued = pieces.map((piece, index) => `${name}*${index}*=${index === 0 ? "UTF-8''" : ''}${piece}`);
  return `${fallback};\r\n ${continued.join(';\r\n ')}`;
}
