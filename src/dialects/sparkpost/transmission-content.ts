/** What a transmission says (contract, section 5): inline, as a whole mail, or by a template; with what overrides it. */
import { hasMarks } from '../../mail/template/fields.ts';
import { inlineOf, language, senderOf, unmarked } from './content.ts';
import { classic, invalidFormat, read } from './fields.ts';
import type { Fields } from './fields.ts';
import { objectOf } from './recipients.ts';
import type { NativeMailbox } from './recipients.ts';
import { contentOfWhole } from './rfc822.ts';
import { isTemplateId } from './templates.ts';

export const messageBytesMax = 20 * 1024 * 1024;

export const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

type Override = {
  readonly from: NativeMailbox | null;
  readonly replyTo: NativeMailbox | null;
  /** Empty: none. */
  readonly listId: string;
};
type Content = Fields & { readonly shows?: readonly NativeMailbox[] };

/** What the mail says, in native fields; `shows` whom its To field shows. */
export async function contentOf(fields: Fields, content: Fields): Promise<Content> {
  if (content['ab_test_id'] !== undefined && content['template_id'] !== undefined)
    throw exclusive('You may not specify both template_id and ab_test_id');
  if (content['ab_test_id'] !== undefined)
    throw noSuch(`ab_test_id '${textOf(content['ab_test_id'])}' does not exist`);
  const override = overrideOf(fields);
  if (content['template_id'] !== undefined) return overridden(templateOf(content), override);
  if (sizeOf(content) > messageBytesMax * 1.4)
    throw invalidFormat('The estimated message size is above the 20 MB message size limit');
  if (content['email_rfc822'] === undefined) return overridden(inlineMail(fields, content), override);
  const other = ['subject', 'text', 'html', 'from'].find((name) => content[name] !== undefined);
  if (other !== undefined)
    throw exclusive(`content.email_rfc822 and content.${other} are mutually exclusive`);
  const whole = read(content, 'email_rfc822', 'string', 'content.email_rfc822') ?? '';
  const { content: parts, to } = await contentOfWhole(whole);
  const shows = to.flatMap((given) => {
    const box = senderOf(given);
    return box === null || hasMarks(box.email) || hasMarks(box.name ?? '') ? [] : [box];
  });
  return { ...overridden(inlineMail(fields, parts), override), shows };
}

function inlineMail(fields: Fields, content: Fields): Fields {
  const inline = inlineOf(content);
  // Fields are written by the language even where the content is not.
  const keeps = objectOf(fields['options'])['perform_substitutions'] === false;
  const source = (text: string): string => (keeps ? unmarked(text) : text);
  return {
    from: inline.from,
    replyTo: inline.replyTo,
    subject: source(inline.subject),
    ...(inline.text === null ? {} : { text: source(inline.text) }),
    ...(inline.html === null ? {} : { html: source(inline.html) }),
    ...(inline.amp === null ? {} : { amp: source(inline.amp) }),
    headers: inline.headers,
    ...(inline.shownCc.length === 0 ? {} : { shownCc: inline.shownCc }),
    attachments: inline.attachments,
    language,
    fieldsInLanguage: true,
    // Faults of inline content fail the messages, not the call.
    onFault: 'fail',
  };
}

/** Instead of what the content says, as it stands: the language has no part in it. */
function overrideOf(fields: Fields): Override {
  const override = read(fields, 'override', 'json object') ?? {};
  const box = (field: string): NativeMailbox | null => {
    if (override[field] === undefined || override[field] === null) return null;
    const found = senderOf(override[field]);
    if (found === null || hasMarks(found.email) || hasMarks(found.name ?? ''))
      throw invalidFormat(`override.${field}: "${textOf(override[field])}" isn't a valid email format.`);
    return found;
  };
  const listId = read(override, 'list_id', 'string', 'override.list_id');
  if (listId !== undefined && hasMarks(listId))
    throw invalidFormat("field 'override.list_id' must not hold substitutions");
  return { from: box('from'), replyTo: box('reply_to'), listId: listId ?? '' };
}

/** RFC 2919: the id stands in angle brackets. */
function overridden(mail: Fields, { from, replyTo, listId }: Override): Fields {
  const field = /^.*<.*>$/.test(listId) ? listId : `<${listId}>`;
  const others = Object.entries(objectOf(mail['headers'])).filter(([name]) => !/^list-id$/i.test(name));
  return {
    ...mail,
    ...(from === null ? {} : { from }),
    ...(replyTo === null ? {} : { replyTo: [replyTo] }),
    ...(listId === '' ? {} : { headers: { ...Object.fromEntries(others), 'List-Id': field } }),
  };
}

export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Everything else of the content is passed over. */
function templateOf(content: Fields): Fields {
  const id = read(content, 'template_id', 'string', 'content.template_id') ?? '';
  if (['subject', 'text', 'html'].some((name) => content[name] !== undefined))
    throw exclusive('Both content object and template_id are specified');
  const isDraft = read(content, 'use_draft_template', 'bool', 'content.use_draft_template') ?? false;
  if (!isTemplateId(id)) throw noSuch(`template '${id}' does not exist`);
  return { template: { slug: id, version: isDraft ? 'draft' : 'published' } };
}

function exclusive(description: string): Error {
  return classic(422, '1301', 'invalid combination of fields', description);
}

export function noSuch(description: string): Error {
  return classic(422, '1603', 'Subresource not found', description);
}
