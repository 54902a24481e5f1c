/**
 * A whole message with X-MC-* headers (contract, section 6) as the fields of messages/send: pure. Header values are decoded
 * first, because mail programs encode whatever holds a quotation mark; JSON that is broken counts as not there.
 */
import { decodeWords } from '../../mail/headers/index.ts';
import type { ReadMail } from '../../mail/mime/index.ts';
import { isObject } from './fields.ts';
import type { Body } from './fields.ts';

export type Controls = {
  readonly subaccount: string | null;
  readonly tags: readonly string[];
  readonly metadata: Body;
  readonly recipientMetadata: readonly Body[];
  readonly globalVars: readonly Body[];
  readonly recipientVars: readonly Body[];
  readonly language: string | null;
  /** `slug`, or `slug|region`. */
  readonly template: { readonly name: string; readonly region: string } | null;
  readonly sendAt: string | null;
  readonly isShown: boolean;
  readonly bcc: string | null;
  readonly pool: string | null;
  /** Fields of the native call; null: the headers say nothing of it. */
  readonly tracking: Readonly<Record<'opens' | 'clicks' | 'textClicks', boolean>> | null;
  readonly autoText: boolean;
  readonly inlineCss: boolean;
  /** Members of `message` that are named as the headers are. */
  readonly members: Body;
};

export function readControls({ headers }: Pick<ReadMail, 'headers'>): Controls {
  const all = (name: string): readonly string[] =>
    headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => decodeWords(value).trim());
  const last = (name: string): string | null => all(name).at(-1) ?? null;
  const objects = (name: string): readonly Body[] => all(name).flatMap(parsed);
  const vars = objects('x-mc-mergevars');
  const metadata = objects('x-mc-metadata');
  const template = last('x-mc-template')?.split('|');
  return {
    subaccount: last('x-mc-subaccount'),
    tags: all('x-mc-tags').flatMap((each) => each.split(',').flatMap((tag) => tag.trim() || [])),
    metadata: Object.assign({}, ...metadata.filter(isGlobal)) as Body,
    recipientMetadata: metadata
      .filter((each) => !isGlobal(each))
      .map(({ _rcpt: rcpt, ...values }) => ({ rcpt, values })),
    globalVars: vars.filter(isGlobal).flatMap(pairs),
    recipientVars: vars
      .filter((each) => !isGlobal(each))
      .map(({ _rcpt: rcpt, ...values }) => ({ rcpt, vars: pairs(values) })),
    language: last('x-mc-mergelanguage'),
    template: template?.[0] === undefined ? null : { name: template[0], region: template[1] ?? 'main' },
    sendAt: last('x-mc-sendat'),
    isShown: isOn(last('x-mc-preserverecipients')),
    bcc: last('x-mc-bccaddress'),
    pool: last('x-mc-ippool'),
    tracking: trackingOf(last('x-mc-track')),
    autoText: isOn(last('x-mc-autotext')),
    inlineCss: isOn(last('x-mc-inlinecss')),
    members: membersOf(last),
  };
}

/** What says nothing that changes the mail is left out. */
function membersOf(last: (name: string) => string | null): Body {
  const said: Body = {
    auto_html: isOn(last('x-mc-autohtml')) || null,
    url_strip_qs: isOn(last('x-mc-urlstripqs')) || null,
    view_content_link: /^(?:false|off|no|n)$/i.test(last('x-mc-viewcontentlink') ?? '') ? false : null,
    tracking_domain: last('x-mc-trackingdomain'),
    return_path_domain: last('x-mc-returnpathdomain'),
    google_analytics_domains: last('x-mc-googleanalytics')?.split(',') ?? null,
    google_analytics_campaign: last('x-mc-googleanalyticscampaign'),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
}

const isOn = (value: string | null): boolean => /^(?:true|on|yes|y)$/i.test(value ?? '');

/** Exactly what is named is on. */
function trackingOf(value: string | null): Controls['tracking'] {
  if (value === null) return null;
  const named = new Set(value.split(',').map((each) => each.trim().toLowerCase()));
  const isAll = named.has('clicks') || named.has('clicks_all');
  return {
    opens: named.has('opens'),
    clicks: isAll || named.has('clicks_htmlonly'),
    textClicks: isAll || named.has('clicks_textonly'),
  };
}

/** What the headers say of how the mail is made and tracked, as fields of the native call. */
export function switchesOf({ tracking, autoText, inlineCss }: Controls): Body {
  return {
    ...(tracking === null ? {} : { tracking }),
    ...(autoText ? { autoText } : {}),
    ...(inlineCss ? { inlineCss } : {}),
  };
}

function parsed(text: string): readonly Body[] {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? [value] : [];
  } catch {
    return [];
  }
}

const isGlobal = (each: Body): boolean => typeof each['_rcpt'] !== 'string';

function pairs(values: Body): readonly Body[] {
  return Object.entries(values).map(([name, content]) => ({ name, content }));
}

/** Whether its bytes may go as they stand: nothing is to be filled in, and one recipient sees what all see. */
export function goesAsItIs(controls: Controls, recipients: number): boolean {
  const { globalVars, recipientVars, recipientMetadata, template, isShown, bcc } = controls;
  const isWritten =
    globalVars.length + recipientVars.length + recipientMetadata.length > 0 || template !== null;
  const { return_path_domain: _, ...changing } = controls.members;
  const isChanged = Object.keys({ ...switchesOf(controls), ...changing }).length > 0;
  return !isWritten && !isChanged && bcc === null && (recipients === 1 || isShown);
}

/** Headers that the message keeps when it is written anew. */
const kept =
  /^(?!(?:received|return-path|dkim-|content-|mime-version|message-id|date|from|to|cc|bcc|subject|x-mc-))/i;

/** `message` of a send call. */
export function messageFrom(
  mail: ReadMail,
  controls: Controls,
  recipients: readonly string[],
  from: { readonly email: string | null; readonly name: string | null },
): Body {
  const attachments = mail.parts.map(({ name, type, bytes, contentId }) => ({
    isImage: contentId !== null && type.startsWith('image/'),
    part: { type, name: contentId ?? name, content: bytes.toString('base64') },
  }));
  return {
    subject: mail.subject,
    html: mail.html,
    text: mail.text,
    from_email: from.email ?? mail.from?.email ?? null,
    from_name: from.name ?? mail.from?.name ?? null,
    to: recipients.map((email) => ({ email, name: nameOf(mail, email) })),
    headers: Object.fromEntries(mail.headers.filter(([name]) => kept.test(name))),
    subaccount: controls.subaccount,
    tags: controls.tags,
    metadata: controls.metadata,
    recipient_metadata: controls.recipientMetadata,
    global_merge_vars: controls.globalVars,
    merge_vars: controls.recipientVars,
    merge_language: controls.language,
    preserve_recipients: controls.isShown,
    bcc_address: controls.bcc,
    attachments: attachments.filter(({ isImage }) => !isImage).map(({ part }) => part),
    images: attachments.filter(({ isImage }) => isImage).map(({ part }) => part),
    ...controls.members,
  };
}

function nameOf({ to, cc }: ReadMail, email: string): string | null {
  return [...to, ...cc].find((each) => each.email.toLowerCase() === email.toLowerCase())?.name ?? null;
}
