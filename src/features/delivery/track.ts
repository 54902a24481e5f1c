/**
 * Links, pixels and the way to unsubscribe, put into one copy before it is signed. HOT PATH for tracked mail: where they go
 * is found out once for all copies that share their bytes. Measured: bench/tracking.ts.
 */
import type { IdPrinter } from '../../base/ids.ts';
import type { Keyring } from '../../base/seal.ts';
import { bodyHash } from '../../mail/dkim/index.ts';
import type { Environment, ReturnNames } from '../../mail/template/index.ts';
import {
  fill,
  leaveTail,
  LinkWriter,
  makePlan,
  targetBytesMax,
  unsubscribeTail,
  webTarget,
} from '../../mail/tracking/index.ts';
import type { Plan, Slot } from '../../mail/tracking/index.ts';
import type { CopyData } from '../messages/index.ts';
import type { Tracked } from '../tracking/index.ts';
import type { LeasedMessage } from '../queue/index.ts';
import type { ComposedCopy } from './compose.ts';
import type { Content } from './content.ts';

export type TrackedCopyOf = Pick<
  LeasedMessage,
  'messageId' | 'subaccountId' | 'retentionDays' | 'recipient' | 'data'
>;

/** `url`: where the links lead, without a path. The same copy when there is nothing to put in. */
export function trackCopy(
  content: Content,
  copy: ComposedCopy,
  asked: TrackedCopyOf,
  { url, ring }: { readonly url: string; readonly ring: Keyring },
): ComposedCopy {
  const { tracked } = content.options;
  if (tracked === undefined) return copy;
  const plan = planOf(content, copy, tracked, url);
  const hasFields = tracked.unsubscribe && !hasUnsubscribe(copy.header);
  if (plan === null && !hasFields) return copy;
  const message = linked(asked);
  const writer = new LinkWriter(message, url, ring);
  const link = (slot: Slot): string => {
    if (slot.kind === 'click') return writer.link('click', slot.tail);
    return slot.kind === 'unsubscribe' ? unsubscribeLink(writer, message) : writer.link(slot.kind);
  };
  const header = plan?.header ?? copy.header;
  const body = plan === null ? copy.body : fill(plan.pieces, link);
  return {
    header: hasFields ? Buffer.concat([unsubscribeFields(unsubscribeLink(writer, message)), header]) : header,
    body,
    bodyHash: plan === null ? copy.bodyHash : bodyHash([body]),
    isShared: false,
  };
}

/** An archive copy has the links of the copy that it is of. */
function linked({ data, ...message }: TrackedCopyOf): Omit<TrackedCopyOf, 'data'> {
  const { linksOf } = (data ?? {}) as CopyData;
  return linksOf === undefined
    ? message
    : { ...message, messageId: linksOf.id, recipient: linksOf.recipient };
}

/** Addresses in a copy that unsubscribe and lead on; to one that is not of the web nothing leads, the page asks instead. */
export function leaveLinks(
  asked: TrackedCopyOf,
  {
    url,
    ring,
    ids,
  }: { readonly url: string; readonly ring: Keyring; readonly ids: Pick<IdPrinter, 'printId'> },
): NonNullable<Environment['unsubscribe']> {
  const message = linked(asked);
  const writer = new LinkWriter(message, url, ring);
  return (returnTo, names) => {
    const target = webTarget(returnTo);
    const told =
      target === null || names === undefined ? target : withQuery(target, saidOf(names, message, ids));
    return told === null || told.length > targetBytesMax
      ? unsubscribeLink(writer, message)
      : writer.link('leave', leaveTail(message.recipient, told));
  };
}

function saidOf(
  names: ReturnNames,
  { messageId, recipient }: Pick<TrackedCopyOf, 'messageId' | 'recipient'>,
  ids: Pick<IdPrinter, 'printId'>,
): string {
  const id = ids.printId(messageId, 'message', names.idForm);
  return `${names.message}=${id}&${names.recipient}=${encodeURIComponent(recipient)}`;
}

/** Before the fragment, behind what the query says already. */
function withQuery(target: string, more: string): string {
  const [start = '', ...rest] = target.split('#');
  const between = !start.includes('?') ? '?' : /[?&]$/.test(start) ? '' : '&';
  return [`${start}${between}${more}`, ...rest].join('#');
}

function unsubscribeLink(writer: LinkWriter, { recipient }: Pick<TrackedCopyOf, 'recipient'>): string {
  return writer.link('unsubscribe', unsubscribeTail(recipient));
}

function planOf(content: Content, copy: ComposedCopy, tracked: Tracked, url: string): Plan | null {
  if (!copy.isShared) return makePlan(copy.header, copy.body, tracked, url);
  const { shared } = content;
  if (shared.plan?.url !== url) shared.plan = { url, plan: makePlan(copy.header, copy.body, tracked, url) };
  return shared.plan.plan;
}

/** What the message says itself is left to it. */
function hasUnsubscribe(header: Buffer): boolean {
  return /^list-unsubscribe(?:-post)?[ \t]*:/im.test(header.toString('latin1'));
}

/** RFC 2369 3.2; one click needs https (RFC 8058 3.1). Signed with the rest: both stand in `signedNames` of dkim. */
function unsubscribeFields(link: string): Buffer {
  const post = link.startsWith('https:') ? 'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n' : '';
  return Buffer.from(`List-Unsubscribe: <${link}>\r\n${post}`, 'latin1');
}
