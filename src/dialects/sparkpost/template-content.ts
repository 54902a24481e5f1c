/** What a stored template says (contract, section 6), to native fields and back. */
import { headersOf, inOneLineOf, language, replyToOf, senderOf } from './content.ts';
import { classic, invalidFormat, isObject, missing, read, tooLong } from './fields.ts';
import type { Fields } from './fields.ts';
import type { NativeMailbox } from './recipients.ts';
import { contentOfWhole } from './rfc822.ts';

export type Defaults = {
  readonly from: NativeMailbox | null;
  readonly replyTo: NativeMailbox | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly lane?: 'transactional' | 'bulk' | null;
  readonly tracking?: { readonly opens?: boolean; readonly clicks?: boolean };
};
/** As `sourcesOf`, also of a whole mail, which is kept as the parts that it is made of. */
export async function storedSourcesOf(content: Fields): Promise<ReturnType<typeof sourcesOf>> {
  if (content['email_rfc822'] === undefined) return sourcesOf(content);
  const other = Object.keys(content).find((name) => name !== 'email_rfc822' && !isEmpty(content[name]));
  if (other !== undefined)
    throw classic(
      422,
      '1301',
      'invalid combination of fields',
      `content.email_rfc822 and content.${other} are mutually exclusive`,
    );
  const whole = read(content, 'email_rfc822', 'string', 'content.email_rfc822') ?? '';
  const { attachments, inline_images: images, ...parts } = (await contentOfWhole(whole)).content;
  return sourcesOf({
    ...parts,
    ...(isEmpty(attachments) ? {} : { attachments }),
    ...(isEmpty(images) ? {} : { inline_images: images }),
  });
}

/** What native templates say of it; what they have no word for is refused, not forgotten. */
export function sourcesOf(content: Fields) {
  if (content['attachments'] !== undefined || content['inline_images'] !== undefined)
    throw invalidFormat('attachments and inline_images are not supported in stored templates');
  if (content['from'] === undefined) throw missing('content.from is a required field');
  const subject = read(content, 'subject', 'string', 'content.subject');
  if (subject === undefined || subject === '') throw missing('content.subject is a required field');
  const text = read(content, 'text', 'string', 'content.text') ?? '';
  const html = read(content, 'html', 'string', 'content.html') ?? '';
  const amp = read(content, 'amp_html', 'string', 'content.amp_html') ?? '';
  if (text === '' && html === '')
    throw missing("At least one of 'text' or 'html' needs to exist in 'content'");
  const from = senderOf(content['from']);
  if (from === null) {
    const given = isObject(content['from']) ? content['from']['email'] : content['from'];
    const shown = typeof given === 'string' ? given : '';
    const description = `content.from.email: "${shown}" isn't a valid email format.`;
    throw classic(400, '1307', 'failed to update database', description);
  }
  const headers = headersOf(read(content, 'headers', 'json object', 'content.headers') ?? {});
  const [replyTo = null] = replyToOf(read(content, 'reply_to', 'string', 'content.reply_to'));
  return {
    language,
    subject: inOneLineOf(subject),
    text: text === '' ? null : text,
    html: html === '' ? null : html,
    amp: amp === '' ? null : amp,
    defaults: { from, replyTo, headers, fieldsInLanguage: true },
  };
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    (isObject(value) && Object.keys(value).length === 0)
  );
}

/** What was said of it; the rest is as a transmission or the account says. */
export function optionsOf({ lane = null, tracking = {} }: Defaults): Fields {
  return {
    ...(lane === null ? {} : { transactional: lane === 'transactional' }),
    ...(tracking.opens === undefined ? {} : { open_tracking: tracking.opens }),
    ...(tracking.clicks === undefined ? {} : { click_tracking: tracking.clicks }),
  };
}

/** The options that are given; undefined when none are. */
export function givenOptions(fields: Fields): Pick<Defaults, 'lane' | 'tracking'> | undefined {
  const options = read(fields, 'options', 'json object');
  if (options === undefined) return undefined;
  const flag = (name: string): boolean | undefined => read(options, name, 'bool', `options.${name}`);
  const [isTransactional, opens, clicks] = [
    flag('transactional'),
    flag('open_tracking'),
    flag('click_tracking'),
  ];
  return {
    ...(isTransactional === undefined
      ? {}
      : { lane: isTransactional ? ('transactional' as const) : ('bulk' as const) }),
    tracking: {
      ...(opens === undefined ? {} : { opens }),
      ...(clicks === undefined ? {} : { clicks }),
    },
  };
}

export function descriptionOf(fields: Fields): { readonly description?: string } {
  const description = read(fields, 'description', 'string');
  if (description === undefined) return {};
  if (description.length > 1024) throw tooLong('description', description.length, 1024);
  return { description };
}
