/** Words that all template languages share. */

export const languages = [
  'plain',
  'liquid',
  'handlebars',
  'merge_tags',
  'sparkpost',
  'mailersend',
  'mailjet',
  'mailjet_tags',
] as const;
/** `plain`: text that is no template; `mailjet_tags`: Mailjet's personalization without its language. */
export type Language = (typeof languages)[number];

/** Where the text goes: it decides on escaping, and a header's value has no line ends. */
export type Part = 'subject' | 'header' | 'text' | 'html' | 'amp';

/** Values stand in HTML there: they are escaped as such. */
export function isMarkup(part: Part): boolean {
  return part === 'html' || part === 'amp';
}

export type Data = Readonly<Record<string, unknown>>;

/**
 * `syntax`: the source is not valid; `render`: it is, but not with this data; `budget`: it asked for too much.
 * Lines and columns count from 1.
 */
export type TemplateFault = {
  readonly kind: 'syntax' | 'render' | 'budget';
  readonly message: string;
  readonly line: number;
  readonly column: number;
};

/** What one rendering may use. Reached limits are faults, never a hang. */
export type Budget = {
  /** Steps of the interpreter; long values that a template makes cost some, too. */
  readonly stepsMax: number;
  readonly outputBytesMax: number;
  /** How deep blocks, expressions and data may be nested. */
  readonly depthMax: number;
};

export const standardBudget: Budget = {
  stepsMax: 500_000,
  outputBytesMax: 4_194_304,
  depthMax: 40,
};

export const sourceCharsMax = 1_048_576;

/** Under which names the address to return to is told whose mail it was. */
export type ReturnNames = {
  readonly message: string;
  readonly recipient: string;
  /** How the message's id is printed. */
  readonly idForm: 'hex32';
};

/** What a rendering may ask of the outside; all of it is values or pure functions. */
export type Environment = {
  readonly budget?: Budget;
  /** Milliseconds, for dates; without it there are none. */
  readonly now?: number;
  /** A snippet by its name, compiled for the part that is rendered; null when there is none. */
  readonly snippet?: (name: string) => CompiledTemplate | null;
  /** The address that unsubscribes and then leads to `returnTo`. */
  readonly unsubscribe?: (returnTo: string, names?: ReturnNames) => string;
  /** Values beside the data, by the prefix under which a language knows them (`data:`, `mj:`, `dynamic_html`). */
  readonly beside?: Readonly<Record<string, unknown>>;
};

/** Names of the snippets that a template asks for; `isDynamic` when a name comes from data. */
export type SnippetUse = { readonly names: readonly string[]; readonly isDynamic: boolean };

/** A template that was read once and renders many copies. Holds no state between renderings. */
export type CompiledTemplate = {
  readonly language: Language;
  readonly part: Part;
  readonly source: string;
  readonly snippets: SnippetUse;
  /** Throws a TemplateError; use `render`. */
  readonly run: (data: Data, environment: Environment, budget: Budget) => string;
};
