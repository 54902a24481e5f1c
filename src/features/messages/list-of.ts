/** Of which list a mail is, as its List-Id says: asked only where an entry of a suppression list is bound to one. */
import { decodeWords, fieldValues } from '../../mail/headers/index.ts';
import { listKey } from '../../mail/list-id.ts';
import type { Submission } from './model.ts';
import { decodeParts } from './parts.ts';

export function listIn(header: Buffer): string | null {
  const [value] = fieldValues(header, 'list-id');
  return value === undefined ? null : listKey(decodeWords(value));
}

type Of = { readonly list: string | null } | 'later';

const isListId = (name: string): boolean => name.toLowerCase() === 'list-id';

/** `later`: each copy has its own, which is known when it is made. */
export function listOf({ format, content }: Submission): Of {
  if (format === 'raw') return { list: listIn(content) };
  const { fields, fieldSources } = decodeParts(content);
  if (fieldSources.some(({ name }) => isListId(name))) return 'later';
  const field = fields.find(([name]) => isListId(name));
  return { list: field === undefined ? null : listKey(decodeWords(field[1])) };
}
