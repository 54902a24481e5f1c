/** Header fields of a call that its language writes: what is rendered for each copy, and what at once. */
import type { TemplateCache } from '../../mail/template/cache.ts';
import { boxSource, hasMarks } from '../../mail/template/fields.ts';
import type { FieldSource } from '../../mail/template/fields.ts';
import { render } from '../../mail/template/index.ts';
import type { Data, Language } from '../../mail/template/index.ts';
import { templateRefusal } from '../templates/index.ts';

type MailboxInput = { readonly email: string; readonly name?: string };

export type FieldInput = {
  readonly from?: MailboxInput;
  readonly replyTo?: readonly MailboxInput[];
  readonly headers?: Readonly<Record<string, string>>;
};

export type DividedFields = {
  /** With marks: rendered for each copy. */
  readonly fieldSources: readonly FieldSource[];
  /** The others, as they stand; From always, for its address is one by now. */
  readonly from: MailboxInput | undefined;
  readonly replyTo: readonly MailboxInput[];
  readonly headers: Readonly<Record<string, string>>;
};

/** Which of the fields are sources; From is one, too, where its address differs. The address itself is none: see `addressesOf`. */
export function divided(
  { from, replyTo = [], headers = {} }: FieldInput,
  isFromDiffering = false,
): DividedFields {
  const isWritten = replyTo.some(({ email, name = '' }) => hasMarks(email) || hasMarks(name));
  const entries = Object.entries(headers);
  const written = entries.filter(([, value]) => hasMarks(value));
  const fieldSources: FieldSource[] = written.map(([name, value]) => ({
    name,
    part: `headers.${name}`,
    value,
  }));
  if (isWritten) fieldSources.unshift({ name: 'Reply-To', part: 'replyTo', boxes: replyTo.map(boxSource) });
  if (from !== undefined && (isFromDiffering || hasMarks(from.name ?? ''))) {
    const box = { name: from.name ?? null, email: from.email, isAddressed: true };
    fieldSources.unshift({ name: 'From', part: 'from', boxes: [box] });
  }
  return {
    fieldSources,
    from,
    replyTo: isWritten ? [] : replyTo,
    headers: Object.fromEntries(entries.filter(([, value]) => !hasMarks(value))),
  };
}

/** The addresses that a source comes to: of each recipient, or one for all where nothing can make them differ. */
export function addressesOf(
  email: string,
  {
    language,
    data,
    recipients,
  }: {
    readonly language: Language;
    readonly data: Data;
    readonly recipients: readonly { readonly data?: Data }[];
  },
  cache: TemplateCache,
): readonly string[] {
  if (!hasMarks(email) || language === 'plain') return [email];
  const compiled = cache.get(language, email, { part: 'header' });
  if (!compiled.ok) throw templateRefusal(compiled.faults.map((fault) => ({ ...fault, part: 'from.email' })));
  return (recipients.length === 0 ? [{}] : recipients).map(({ data: own = {} }, index) => {
    const rendered = render(compiled.template, { ...data, ...own });
    if (rendered.ok) return rendered.text.trim();
    throw templateRefusal(
      [{ ...rendered.fault, part: 'from.email' }],
      recipients.length === 0 ? '' : `recipients[${index}]: `,
    );
  });
}
