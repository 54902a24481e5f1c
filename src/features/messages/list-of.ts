/** Of which list and sender a mail is, as its header says: asked only where an entry of a suppression list is bound to one. */
import { decodeWords, fieldValues } from '../../mail/headers/index.ts';
import { parseMailboxList } from '../../mail/address.ts';
import { listKey } from '../../mail/list-id.ts';
import { TemplateCache } from '../../mail/template/cache.ts';
import { encodedFields } from '../../mail/template/fields.ts';
import { renderParts } from '../../mail/template/parts.ts';
import type { MailOf } from '../suppressions/index.ts';
import type { CopyData, Submission } from './model.ts';
import { decodeHead } from './parts.ts';

function listIn(header: Buffer): string | null {
  const [value] = fieldValues(header, 'list-id');
  return value === undefined ? null : listKey(decodeWords(value));
}

/** Of a mail as it leaves; the sender is the first of its From field, which accept has checked. */
export function mailIn(header: Buffer): MailOf {
  const [value = ''] = fieldValues(header, 'from');
  const [box] = parseMailboxList(value) ?? [];
  return { list: listIn(header), sender: box?.address.text ?? null };
}

/** By what a copy's data is merged with; null: of none, as of a copy that cannot be made. */
export type ListOf = (merge: CopyData['merge'] | null) => string | null;

const isListId = (name: string): boolean => name.toLowerCase() === 'list-id';

/** `content` may end where the header does, or before the attachments. */
export function listOf(
  { format, content }: Pick<Submission, 'format' | 'content'>,
  cache = new TemplateCache(),
): ListOf {
  if (format === 'raw') {
    const list = listIn(content);
    return () => list;
  }
  const parts = decodeHead(content);
  const source = parts.fieldSources.find(({ name }) => isListId(name));
  if (source === undefined) {
    const field = parts.fields.find(([name]) => isListId(name));
    const list = field === undefined ? null : listKey(decodeWords(field[1]));
    return () => list;
  }
  const header = { ...parts, text: null, amp: null, html: null, fieldSources: [source] };
  return (merge) => {
    const rendered = renderParts(header, { ...parts.data, ...merge }, { now: parts.date }, cache);
    const [field] = rendered.ok ? encodedFields(rendered.fields) : [];
    return field === undefined ? null : listKey(decodeWords(field[1]));
  };
}
