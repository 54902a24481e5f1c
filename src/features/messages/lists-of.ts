import type { Database } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import type { TemplateCache } from '../../mail/template/cache.ts';
import type { HeldCopy } from '../queue/index.ts';
import { listOf } from './list-of.ts';
import { headsOf, mergeOf } from './sql-lists.ts';

/** Headers and sources that are in memory at once. */
const headsMax = 20;

/** By message, of which list stored copies of one subaccount are; reads what they are made of but for their attachments. */
export async function listsOf(
  { db, templates }: { readonly db: Database; readonly templates: TemplateCache },
  subaccountId: SubaccountId,
  copies: readonly Pick<HeldCopy, 'messageId' | 'submissionId'>[],
): Promise<ReadonlyMap<string, string | null>> {
  const lists = new Map<string, string | null>();
  if (copies.length === 0) return lists;
  const bySubmission = Map.groupBy(copies, ({ submissionId }) => submissionId);
  const merges = await mergeOf(
    db.engine,
    subaccountId,
    copies.map(({ messageId }) => messageId),
  );
  const submissionIds = [...bySubmission.keys()];
  for (let at = 0; at < submissionIds.length; at += headsMax) {
    const heads = await headsOf(db.engine, subaccountId, submissionIds.slice(at, at + headsMax));
    for (const { id, format, content } of heads) {
      const of = listOf({ format, content }, templates);
      for (const { messageId } of bySubmission.get(id) ?? [])
        lists.set(messageId, of(merges.get(messageId) ?? null));
    }
  }
  return lists;
}
