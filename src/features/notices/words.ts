/** What happened, and to which thing, in words; and the mail of several: pure. */
import type { SubaccountId } from '../../base/scope.ts';
import type { NewsKind } from './news.ts';

type Happening = {
  readonly subaccountId: SubaccountId;
  readonly data: Readonly<Record<string, unknown>>;
};
/** The subject names the thing within its account. */
type Words = { readonly subject: string; readonly line: string };

export function wordsOf(kind: NewsKind, { subaccountId: id, data }: Happening): Words {
  const text = (key: string): string => {
    const value = data[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  switch (kind) {
    case 'quota.reached': {
      const who = text('level') === 'account' ? 'The account' : `Subaccount ${id}`;
      const line = `${who}: the limit of ${text('max')} messages per ${text('period')} is reached`;
      return { subject: `${id} ${text('level')} ${text('period')}`, line };
    }
    case 'domain.lost':
      return {
        subject: `${id} ${text('name')}`,
        line: `${text('name')} (subaccount ${id}): its DNS records are not right any more, so it cannot send`,
      };
    case 'reputation.step': {
      const until = data['until'] === null ? '' : ` until ${text('until')}`;
      return {
        subject: String(id),
        line: `Subaccount ${id}: ${stepWords[text('step')] ?? text('step')}${until}`,
      };
    }
    case 'sender.policy_changed':
      return {
        subject: text('senderId'),
        line: `${text('email')} (subaccount ${id}): now p=${text('to')}`,
      };
    case 'webhook.failing':
    case 'webhook.stopped': {
      const which = `“${text('name')}” (webhook ${text('webhookId')} of subaccount ${id}, at ${text('host')})`;
      return {
        subject: text('webhookId'),
        line: `${which}: has failed since ${text('since')}, last answer: ${text('error')}`,
      };
    }
  }
}

const stepWords: Readonly<Record<string, string>> = {
  warn: 'a warning, its figures are bad',
  slow: 'it is slowed down',
  review: 'its mail is held for review',
  pause: 'it is paused',
};

const titles: Readonly<Record<NewsKind, string>> = {
  'quota.reached': 'Limits of messages are reached',
  'domain.lost': 'Domains cannot send any more',
  'reputation.step': 'Reputation of subaccounts',
  'sender.policy_changed': 'A stricter DMARC policy for sender identities',
  'webhook.failing': 'Webhooks fail',
  'webhook.stopped': 'Webhooks are stopped',
};
const advice: Readonly<Record<NewsKind, string>> = {
  'quota.reached': 'More mail waits until the window turns, or is refused when its sender wants that.',
  'domain.lost': 'Publish the records again that the domain lists; it is looked at by itself.',
  'reputation.step':
    'The reputation of each subaccount shows the figures that led to it, and how to undo it.',
  'sender.policy_changed':
    'The domains of these addresses tell receivers since lately to mistrust mail that they have not signed themselves: it may be ' +
    'refused or put among junk. Prove those domains as sending domains, or ask their owners for another policy.',
  'webhook.failing':
    'They are tried again at growing intervals, up to half an hour, for five days. Nothing is lost meanwhile: events wait, in order.',
  'webhook.stopped':
    'They are not tried any more. Once one works, set its status to active: everything since then is told in order.',
};
const linesMax = 20;
const howToEnd =
  'Whether such mails come to you, you decide on the page of your login, or by PUT /api/v1/me/notices.';

/** The mail about one kind. */
export function digest(
  kind: NewsKind,
  told: readonly { readonly line: string; readonly n: number }[],
): { readonly subject: string; readonly content: { readonly paragraphs: readonly string[] } } {
  const lines = told.slice(0, linesMax).map(({ line, n }) => (n > 1 ? `${line} (${n} times)` : line));
  if (told.length > linesMax) lines.push(`and ${told.length - linesMax} more`);
  return { subject: titles[kind], content: { paragraphs: [lines.join('\n'), advice[kind], howToEnd] } };
}
