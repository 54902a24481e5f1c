/** Templates and content that is stored nowhere, rendered to be looked at (contract, section 6). */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { Asking } from '../shared/native.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { headersOf, inOneLineOf, language, replyToOf, senderOf } from './content.ts';
import { bodyOf, missing, read } from './fields.ts';
import type { Fields } from './fields.ts';
import { objectOf } from './recipients.ts';
import type { NativeMailbox } from './recipients.ts';
import type { Defaults } from './template-content.ts';
import { bodyLimitBytes, example, find, params, path, versionWanted } from './templates.ts';
import type { Shown } from './templates.ts';
import { faultError, tell } from './words.ts';

export function previewRoutes(): readonly SparkpostRoute[] {
  const preview = { method: 'POST', grant: 'templates:preview', bodyLimitBytes } as const;
  return [
    {
      ...preview,
      path: `${path}/:id/preview`,
      example: { params, body: { substitution_data: {} } },
      run: previewOne,
    },
    {
      ...preview,
      path: '/api/v1/utils/content-previewer',
      example: { body: { content: example, substitution_data: { name: 'Ann' } } },
      run: previewContent,
    },
  ];
}

type Rendered = {
  readonly subject: string | null;
  readonly html: string | null;
  readonly text: string | null;
  readonly amp: string | null;
  readonly fields: readonly {
    readonly name: string;
    readonly value?: string;
    readonly boxes?: readonly { readonly email: string; readonly name: string | null }[];
  }[];
  readonly faults: readonly { part: string; kind: string; line: number; message: string }[];
};

function dataOf(fields: Fields): Fields {
  const recipient = objectOf(fields['recipient']);
  return {
    ...objectOf(fields['metadata']),
    ...objectOf(fields['substitution_data']),
    ...objectOf(recipient['metadata']),
    ...objectOf(recipient['substitution_data']),
  };
}

/** `known`: what stands as it is where the language writes no field. */
function renderedAnswer(
  { subject, html, text, amp, fields, faults }: Rendered,
  known: Partial<Pick<Defaults, 'from' | 'replyTo' | 'headers'>>,
): Answer {
  if (faults.length > 0) throw tell(422, ...faults.map(faultError));
  const boxOf = (name: string): NativeMailbox | undefined => {
    const box = fields.find((each) => each.name === name)?.boxes?.[0];
    return box === undefined
      ? undefined
      : { email: box.email, ...(box.name === null || box.name === '' ? {} : { name: box.name }) };
  };
  const from = boxOf('From') ?? known.from;
  const replyTo = boxOf('Reply-To') ?? known.replyTo;
  const written = fields.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  const headers = { ...known.headers, ...Object.fromEntries(written) };
  return {
    status: 200,
    body: {
      results: {
        ...(from == null ? {} : { from }),
        ...(replyTo == null ? {} : { reply_to: printed(replyTo) }),
        ...(Object.keys(headers).length === 0 ? {} : { headers }),
        ...(subject === null || subject === '' ? {} : { subject }),
        ...(html === null ? {} : { html }),
        ...(text === null ? {} : { text }),
        ...(amp === null ? {} : { amp_html: amp }),
      },
    },
  };
}

function printed({ email, name }: NativeMailbox): string {
  return name === undefined ? email : `${name} <${email}>`;
}

async function previewOne(
  caller: SparkpostCaller,
  { params: { id = '' }, query, body }: Call,
): Promise<Answer> {
  const { world, one } = caller;
  const template = await find(caller, id);
  const version = versionWanted(caller, query, template);
  const named = { params: { id: template.id } };
  const { defaults } = (
    await world.native.call<Shown>(one, 'GET /templates/:id', { ...named, query: { version } })
  ).version;
  const rendered = await world.native.call<Rendered>(one, 'POST /templates/:id/preview', {
    ...named,
    body: { data: dataOf(bodyOf(body)), version },
  });
  return renderedAnswer(rendered, defaults);
}

/** Only the parts that were given are rendered and shown. */
async function previewContent({ world, one }: SparkpostCaller, { body }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const content = read(fields, 'content', 'json object');
  if (content === undefined) throw missing('content is a required field');
  const from = senderOf(content['from']);
  const [replyTo = null] = replyToOf(read(content, 'reply_to', 'string', 'content.reply_to'));
  const headers = headersOf(read(content, 'headers', 'json object', 'content.headers') ?? {});
  const defaults = { from, replyTo, headers, fieldsInLanguage: true };
  const rendered = await render(one, world, {
    language,
    ...partOf(content, 'subject', inOneLineOf),
    ...partOf(content, 'text'),
    ...partOf(content, 'html'),
    ...ampOf(content),
    defaults,
    data: dataOf(fields),
  });
  return renderedAnswer(rendered, defaults);
}

function partOf(content: Fields, name: string, tidy = (text: string): string => text): Fields {
  const source = read(content, name, 'string', `content.${name}`);
  return source === undefined || source === '' ? {} : { [name]: tidy(source) };
}

function ampOf(content: Fields): Fields {
  const { amp_html: amp } = partOf(content, 'amp_html');
  return amp === undefined ? {} : { amp };
}

function render(one: Asking, { native }: SparkpostCaller['world'], body: Fields): Promise<Rendered> {
  return native.call<Rendered>(one, 'POST /templates/render', { body });
}
