/** Header fields of a call that its language writes: what is rendered for each copy, and what at once. */
import type { TemplateCache } from '../../mail/template/cache.ts';
import { boxSource, hasMarks } from '../../mail/template/fields.ts';
import type { FieldSource } from '../../mail/template/fields.ts';
import { render } from '../../mail/template/index.ts';
import type { Data, Language } from '../../mail/template/index.ts';
import { invalidField } from '../refusals/index.ts';
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

/** Which of the fields are sources. The address of From is none: see `addressOf`. */
export function divided({ from, replyTo = [], headers = {} }: FieldInput): DividedFields {
  const isWritten = replyTo.some(({ email, name = '' }) => hasMarks(email) || hasMarks(name));
  const entries = Object.entries(headers);
  const written = entries.filter(([, value]) => hasMarks(value));
  const fieldSources: FieldSource[] = written.map(([name, value]) => ({
    name,
    part: `headers.${name}`,
    value,
  }));
  if (isWritten) fieldSources.unshift({ name: 'Reply-To', part: 'replyTo', boxes: replyTo.map(boxSource) });
  if (from?.name !== undefined && hasMarks(from.name)) {
    const box = { name: from.name, email: from.email, isAddressed: true };
    fieldSources.unshift({ name: 'From', part: 'from', boxes: [box] });
  }
  return {
    fieldSources,
    from,
    replyTo: isWritten ? [] : replyTo,
    headers: Object.fromEntries(entries.filter(([, value]) => !hasMarks(value))),
  };
}

/**
 * The address that a source comes to: a call has one From address, which is asked whether it may send, so all recipients
 * must come to the same.
 */
export function addressOf(
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
): string {
  if (!hasMarks(email) || language === 'plain') return email;
  const compiled = cache.get(language, email, { part: 'header' });
  if (!compiled.ok) throw templateRefusal(compiled.faults.map((fault) => ({ ...fault, part: 'from.email' })));
  const made = new Set<string>();
  for (const { data: own = {} } of recipients.length === 0 ? [{}] : recipients) {
    const rendered = render(compiled.template, { ...data, ...own });
    if (!rendered.ok) throw templateRefusal([{ ...rendered.fault, part: 'from.email' }]);
    made.add(rendered.text.trim());
    if (made.size > 1)
      throw invalidField('from.email', 'one', 'must come to the same address for all recipients');
  }
  return [...made][0] ?? '';
}
