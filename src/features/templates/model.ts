import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { TemplateCache } from '../../mail/template/cache.ts';
import type { Data, Language } from '../../mail/template/index.ts';
import type { PartSources } from '../../mail/template/parts.ts';
import type { Press } from './press.ts';
import type { ShareLevel } from '../domains/index.ts';

export type TemplateKind = 'template' | 'snippet';

export type TemplateMailbox = { readonly email: string; readonly name?: string };

export const defaultNames = ['from', 'replyTo', 'tags'] as const;

export type TemplateTracking = {
  readonly [name in 'opens' | 'initialOpens' | 'clicks' | 'textClicks']?: boolean;
};

/** What a mail has when its call does not say; `setByCall`: the call's own goes before it, else the template's stands. */
export type Defaults = {
  readonly from: TemplateMailbox | null;
  readonly replyTo: TemplateMailbox | null;
  readonly tags: readonly string[];
  /** The call's own of the same name go before them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null: as the call says. */
  readonly lane: 'transactional' | 'bulk' | null;
  /** What the call leaves out of it. */
  readonly tracking: TemplateTracking;
  /** From, replyTo and headers are in the language of the template, too. */
  readonly fieldsInLanguage: boolean;
  readonly setByCall: Readonly<Record<(typeof defaultNames)[number], boolean>>;
};

export const noDefaults: Defaults = {
  from: null,
  replyTo: null,
  tags: [],
  headers: {},
  lane: null,
  tracking: {},
  fieldsInLanguage: false,
  setByCall: { from: true, replyTo: true, tags: true },
};

/** What html and text are made of where they are not written as they leave. */
export type Markup = {
  /** Instead of the content's html. */
  readonly mjml: string | null;
  readonly inlineCss: boolean;
  /** Where the content has no text. */
  readonly autoText: boolean;
  /** What was made; null for what leaves as it is written. */
  readonly html: string | null;
  readonly text: string | null;
};

export const noMarkup: Markup = {
  mjml: null,
  inlineCss: false,
  autoText: false,
  html: null,
  text: null,
};

/** Of a snippet: no subject, no defaults, no markup. */
export type Content = {
  readonly language: Language;
  readonly subject: string;
  readonly html: string | null;
  readonly text: string | null;
  /** AMP for Email, of a template with text or html beside it. Leaves as it is written: markup has no part in it. */
  readonly amp: string | null;
  readonly markup: Markup | null;
  readonly defaults: Defaults;
};

export type Template = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly id: string;
  readonly kind: TemplateKind;
  readonly slug: string;
  readonly name: string;
  /** At most ten, of 100 characters each; in the order in which they were given. */
  readonly labels: readonly string[];
  readonly description: string;
  readonly share: ShareLevel;
  readonly draftVersion: number;
  readonly publishedVersion: number | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export type Version = Content & { readonly version: number; readonly createdAt: Date };

export type VersionWish = number | 'published' | 'draft';

/** What a call names: by id, or by slug as the subaccount that sends knows it. */
export type TemplateWish = {
  readonly id?: string;
  readonly slug?: string;
  readonly version?: VersionWish;
};

/** A copy of what a mail is written from: nothing that is done to the template later reaches it. */
export type Written = PartSources & {
  readonly templateId: string;
  readonly templateSlug: string;
  readonly defaults: Defaults;
};

/** A template that shows a snippet by its name. */
export type Use = {
  readonly id: string;
  readonly subaccountId: SubaccountId;
  readonly slug: string;
  readonly name: string;
  readonly isInDraft: boolean;
  readonly isPublished: boolean;
};

export type TestMail = {
  readonly template: TemplateWish;
  readonly from?: TemplateMailbox;
  readonly to: readonly TemplateMailbox[];
  readonly data: Data;
};

export type TemplateWorld = {
  readonly db: Database;
  readonly clock: Clock;
  /** Sources that were compiled lately. */
  readonly cache: TemplateCache;
  readonly press: Pick<Press, 'make'>;
  /** Accepts a test mail; the submission's id. Messages' work, handed in by main. */
  readonly sendTest: (scope: Scope, mail: TestMail) => Promise<string>;
};
