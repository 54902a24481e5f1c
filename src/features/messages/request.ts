/** From the native call to what is composed: its fields read, its list, template and markup looked up. Refuses by field. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import type { Address } from '../../mail/address.ts';
import type { TemplateCache } from '../../mail/template/cache.ts';
import type { Data, Language } from '../../mail/template/index.ts';
import { autoHtml, withParametersInHtml, withParametersInText } from '../../mail/writing/index.ts';
import type { LinkParameters } from '../../mail/writing/index.ts';
import { recipientsFor } from '../lists/index.ts';
import type { ListWish } from '../lists/index.ts';
import { scheduleMaxMs } from '../queue/index.ts';
import { invalidField } from '../refusals/index.ts';
import { makeOrRefuse, namedBy, snippetsOf, withDefaults, writtenFrom } from '../templates/index.ts';
import type { Press, TemplateWish } from '../templates/index.ts';
import type { MailLane, Switches, TrackingStanding, TrackingWish } from '../tracking/index.ts';
import { decodeAttachments } from './attachments.ts';
import { addressesOf, divided } from './field-sources.ts';
import type { AttachmentInput } from './attachments.ts';
import { defaultTerms } from './model.ts';
import type { LateTemplate } from './model.ts';
import { mailbox } from './prepare.ts';
import type { ComposedRequest } from './prepare.ts';

/** What reading a call asks of the world. */
export type RequestWorld = {
  readonly db: Database;
  readonly clock: Clock;
  /** Sources of templates that were compiled lately. */
  readonly templates: TemplateCache;
  readonly press: Pick<Press, 'make'>;
  readonly tracking: Pick<TrackingStanding, 'tracked' | 'lane'>;
  readonly messageBytesMax: number;
};

type MailboxInput = { readonly email: string; readonly name?: string };

/** The native request, as its schema lets it through. */
export type SendInput = {
  /** There, with a subject, unless the template has them. */
  readonly from?: MailboxInput;
  readonly to?: readonly MailboxInput[];
  readonly cc?: readonly MailboxInput[];
  readonly bcc?: readonly MailboxInput[];
  readonly recipients?: readonly {
    readonly to: MailboxInput;
    readonly data?: Readonly<Record<string, unknown>>;
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly tags?: readonly string[];
    readonly shown?: readonly MailboxInput[];
    readonly bounceDomain?: string;
  }[];
  /** In the Cc field of separate mails. */
  readonly shownCc?: readonly MailboxInput[];
  /** Instead of recipients: those of a stored list. */
  readonly list?: ListWish;
  readonly replyTo?: readonly MailboxInput[];
  readonly subject?: string;
  /** Instead of subject, text, html, amp and language, unless they are filled in from it. */
  readonly template?: TemplateWish & {
    /** What is published when the call is accepted, or when mail that waits for its time leaves. */
    readonly resolve?: 'accept' | 'departure';
    /** The call says all that the mail says, made from it: it is counted and told under the template. */
    readonly filled?: boolean;
  };
  /** Styles of the HTML go into its elements. */
  readonly inlineCss?: boolean;
  /** A text part is made of the HTML when there is none. */
  readonly autoText?: boolean;
  /** HTML is made of the text when there is none. */
  readonly autoHtml?: boolean;
  /** Links to these hosts get these parameters, unless they have them. */
  readonly linkParameters?: LinkParameters;
  /** What it says is shown to nobody but its recipients. */
  readonly hideContent?: boolean;
  readonly text?: string;
  readonly html?: string;
  /** AMP for Email, beside text or html. */
  readonly amp?: string;
  /** Of subject, text, amp and html: Liquid when there is data, else none. */
  readonly language?: Language;
  /** Names and addresses of from and replyTo and values of headers are in the language, too; left out: as the template says. */
  readonly fieldsInLanguage?: boolean;
  /** For all recipients; each one's own goes before it. */
  readonly data?: Data;
  /** When a template that cannot be rendered is told: by a refusal, or by the message's failure. */
  readonly renderAt?: 'accept' | 'departure';
  /** Of a source that is not valid in its language; what to, cc and bcc share is always refused. */
  readonly onFault?: 'refuse' | 'fail';
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly AttachmentInput[];
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** What several submissions belong to. */
  readonly campaign?: string;
  readonly sendAt?: string;
  readonly lane?: MailLane;
  /** Where nobody says one: call, template, subaccount or account. */
  readonly defaultLane?: MailLane;
  readonly unknownOutcome?: 'rather_twice' | 'rather_not';
  readonly overQuota?: 'hold' | 'refuse';
  /** Id or name. */
  readonly pool?: string;
  /** What is left out: as said of mail that says nothing itself. */
  readonly tracking?: TrackingWish;
  /** By which bounces come back, or its bounce host. */
  readonly bounceDomain?: string;
  /** Where nobody says anything of it. */
  readonly defaultTracking?: Partial<Switches>;
};

const metadataBytesMax = 16_384;

/** A call to a stored list is one to those who are in it now. */
async function withList(world: RequestWorld, scope: Scope, input: SendInput): Promise<SendInput> {
  if (input.list === undefined) return input;
  for (const field of ['recipients', 'to', 'cc', 'bcc'] as const)
    if (input[field] !== undefined)
      throw invalidField(field, 'exclusive', 'cannot be used together with list');
  const found = await recipientsFor(world, scope, input.list);
  const recipients = found.map(({ address, name, data, metadata, tags }) => ({
    to: { email: address, ...(name === '' ? {} : { name }) },
    ...(Object.keys(data).length === 0 ? {} : { data }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    tags,
  }));
  return { ...input, recipients };
}

/** A call as it stands, or with what its template says and has as defaults; with what is to be made of its HTML. */
export async function requestFor(
  world: RequestWorld,
  scope: Scope,
  input: SendInput,
): Promise<ComposedRequest> {
  const asked = await withLane(world, scope, await withList(world, scope, input));
  const request = withWords(await written(world, scope, asked), input);
  const { inlineCss = false, autoText = false } = input;
  const makesText = autoText && request.text === null;
  if (request.html === null || (!inlineCss && !makesText)) return request;
  const job = { mjml: null, html: request.html, inlinesCss: inlineCss, makesText };
  const made = await makeOrRefuse(world, scope, job);
  return { ...request, html: made.html ?? request.html, text: request.text ?? made.text };
}

/** The lane that it has unless it or its template says one. */
async function withLane({ tracking }: RequestWorld, scope: Scope, input: SendInput): Promise<SendInput> {
  if (input.lane !== undefined) return input;
  return { ...input, defaultLane: await tracking.lane(scope, input.defaultLane) };
}

/** Before it is a template: parameters of links, and HTML where there is none. */
function withWords(
  request: ComposedRequest,
  { linkParameters, autoHtml: makesHtml }: SendInput,
): ComposedRequest {
  let { html, text } = request;
  if (linkParameters !== undefined) {
    const wish = { ...linkParameters, hosts: linkParameters.hosts.map((host) => host.toLowerCase()) };
    html = html === null ? null : withParametersInHtml(html, wish);
    text = text === null ? null : withParametersInText(text, wish);
  }
  if (makesHtml === true && html === null && text !== null)
    html = autoHtml(text, request.language !== 'plain');
  return { ...request, html, text };
}

async function written(world: RequestWorld, scope: Scope, input: SendInput): Promise<ComposedRequest> {
  const { template } = input;
  if (template === undefined || template.filled === true) {
    const request = toRequest(input, world, languageOf(input));
    const named = template === undefined ? {} : await filledFrom(world, scope, template);
    const snippets = await snippetsOf({ db: world.db, cache: world.templates }, scope, request);
    return { ...request, ...named, snippets };
  }
  for (const field of ['subject', 'text', 'html', 'amp', 'language'] as const)
    if (input[field] !== undefined)
      throw invalidField(field, 'exclusive', 'cannot be used together with template');
  const from = { db: world.db, cache: world.templates };
  const { templateId, templateSlug, language, subject, text, amp, html, snippets, defaults } =
    await writtenFrom(from, scope, template);
  const request = toRequest({ ...input, ...withDefaults(input, defaults), subject }, world, language);
  return {
    ...request,
    templateId,
    templateSlug,
    text,
    amp,
    html,
    snippets,
    late: lateOf(scope, input, request, world),
  };
}

async function filledFrom(
  { db }: RequestWorld,
  scope: Scope,
  { filled: _filled, version, resolve, ...named }: NonNullable<SendInput['template']>,
): Promise<Pick<ComposedRequest, 'templateId' | 'templateSlug'>> {
  for (const [field, value] of Object.entries({ version, resolve }))
    if (value !== undefined)
      throw invalidField(`template.${field}`, 'exclusive', 'cannot be used together with filled');
  return namedBy({ db }, scope, named);
}

/** Fields as they are when the language has nothing to do with them. */
function fieldsOf(input: SendInput, language: Language, { templates: cache }: RequestWorld) {
  const { from, replyTo = [], headers = {} } = input;
  if (input.fieldsInLanguage !== true || language === 'plain')
    return { fieldSources: [], from, replyTo, headers, addresses: [] };
  const known = { language, data: input.data ?? {}, recipients: input.recipients ?? [] };
  if (from === undefined) return { ...divided({ replyTo, headers }), addresses: [] };
  const addresses = addressesOf(from.email, known, cache);
  const [email = ''] = addresses;
  const isDiffering = addresses.some((each) => each !== email);
  return {
    ...divided({ replyTo, headers, from: { ...from, email } }, isDiffering),
    addresses: isDiffering ? addresses : [],
  };
}

function toRequest(input: SendInput, world: RequestWorld, language: Language): ComposedRequest {
  const boxes = (field: string, list: readonly MailboxInput[] = []): ComposedRequest['to'] =>
    list.map((entry, index) => box(`${field}[${index}]`, entry));
  checkMetadata('metadata', input.metadata);
  const { subject } = input;
  const { from, replyTo, headers, fieldSources, addresses } = fieldsOf(input, language, world);
  if (from === undefined) throw invalidField('from', 'required', 'must be given');
  if (subject === undefined) throw invalidField('subject', 'required', 'must be given');
  return {
    from: box('from', from),
    replyTo: boxes('replyTo', replyTo),
    to: boxes('to', input.to),
    cc: boxes('cc', input.cc),
    bcc: boxes('bcc', input.bcc),
    recipients: (input.recipients ?? []).map((recipient, index) => {
      checkMetadata(`recipients[${index}].metadata`, recipient.metadata);
      return {
        mailbox: box(`recipients[${index}].to`, recipient.to),
        merge: recipient.data ?? null,
        metadata: recipient.metadata ?? null,
        tags: recipient.tags ?? [],
        shown: boxes(`recipients[${index}].shown`, recipient.shown),
        ...ownFrom(index, addresses),
        ...(recipient.bounceDomain === undefined ? {} : { bounceDomain: recipient.bounceDomain }),
      };
    }),
    shownCc: boxes('shownCc', input.shownCc),
    subject,
    text: input.text ?? null,
    amp: input.amp ?? null,
    html: input.html ?? null,
    language,
    data: input.data ?? null,
    snippets: {},
    fieldSources,
    renderedFields: [],
    headers: Object.entries(headers),
    attachments: decodeAttachments(input.attachments ?? [], world.messageBytesMax),
    tags: input.tags ?? [],
    metadata: input.metadata ?? {},
    sendAt: input.sendAt === undefined ? null : sendAt(input.sendAt, world.clock.now()),
    isBulk: (input.lane ?? input.defaultLane) === 'bulk',
    terms: {
      unknownOutcome: input.unknownOutcome ?? defaultTerms.unknownOutcome,
      overQuota: input.overQuota ?? defaultTerms.overQuota,
    },
    poolId: null,
    campaign: input.campaign ?? null,
    tracking: input.tracking ?? {},
    bounceDomain: input.bounceDomain ?? null,
    defaultTracking: input.defaultTracking ?? {},
    hidesContent: input.hideContent ?? false,
    templateId: null,
    templateSlug: null,
    late: null,
  };
}

/** Null: it is as it is now. Of mail that leaves at once there is no other time. */
function lateOf(
  { reach, bounds }: Scope,
  input: SendInput,
  { sendAt: at, recipients, isBulk }: ComposedRequest,
  { clock }: RequestWorld,
): LateTemplate | null {
  if (input.template?.resolve !== 'departure' || at === null || at <= clock.now()) return null;
  if (recipients.length === 0)
    throw invalidField('template.resolve', 'separate', 'departure goes with recipients or a list');
  const { resolve: _resolve, ...template } = input.template;
  const { from, replyTo, shownCc, headers, fieldsInLanguage } = input;
  const { inlineCss, autoText, autoHtml: makesHtml, linkParameters, tracking, defaultTracking } = input;
  return {
    template,
    reachesAccount: reach === 'account',
    bounds: { templates: bounds.templates, domain: bounds.domain },
    call: {
      lane: isBulk ? 'bulk' : 'transactional',
      ...(from === undefined ? {} : { from }),
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(shownCc === undefined ? {} : { shownCc }),
      ...(headers === undefined ? {} : { headers }),
      ...(fieldsInLanguage === undefined ? {} : { fieldsInLanguage }),
      ...(inlineCss === undefined ? {} : { inlineCss }),
      ...(autoText === undefined ? {} : { autoText }),
      ...(makesHtml === undefined ? {} : { autoHtml: makesHtml }),
      ...(linkParameters === undefined ? {} : { linkParameters }),
      ...(tracking === undefined ? {} : { tracking }),
      ...(defaultTracking === undefined ? {} : { defaultTracking }),
    },
  };
}

/** The first recipient's is that of the whole call. */
function ownFrom(index: number, addresses: readonly string[]): { readonly from?: Address } {
  const own = addresses[index];
  if (own === undefined || own === addresses[0]) return {};
  return { from: mailbox(`recipients[${index}].from`, own, undefined).address };
}

function languageOf({ language, data, recipients = [] }: SendInput): Language {
  if (language !== undefined) return language;
  const hasData = data !== undefined || recipients.some((recipient) => recipient.data !== undefined);
  return hasData ? 'liquid' : 'plain';
}

function box(field: string, { email, name }: MailboxInput): ComposedRequest['from'] {
  return mailbox(`${field}.email`, email, name);
}

export function checkMetadata(field: string, metadata: Readonly<Record<string, unknown>> | undefined): void {
  if (metadata !== undefined && JSON.stringify(metadata).length > metadataBytesMax) {
    throw invalidField(field, 'maxBytes', `must not exceed ${metadataBytesMax} bytes as JSON`);
  }
}

/** Milliseconds; refuses what is too far ahead. */
export function sendAt(text: string, now: number): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw invalidField('sendAt', 'format', 'must be an RFC 3339 instant');
  if (at > now + scheduleMaxMs) throw invalidField('sendAt', 'maximum', 'must be at most 400 days ahead');
  return at;
}
