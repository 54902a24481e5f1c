/** The files of exports (contract, 4.13): columns and words of Mandrill's. Pure. */
import { idTime } from '../../base/ids.ts';
import type {
  ExportedEntry,
  ExportedMessage,
  ExportForm,
  ExportQuery,
} from '../../features/exports/index.ts';
import { spelled } from './fields.ts';
import { rejectDetail, rejectReason } from './outcomes.ts';
import { bounceWords, diagOf, stateOf } from './states.ts';
import { timeText } from './times.ts';

export const exportStates = ['sent', 'rejected', 'bounced', 'soft-bounced', 'spam', 'unsub'] as const;

function timeOf(at: Date | null): string {
  return at === null ? '' : timeText(at.toISOString());
}

function isAllowlist({ kinds }: ExportQuery): boolean {
  return kinds?.length === 1 && kinds[0] === 'allow';
}

/** One table for both lists: an entry of an allowlist has no end, and its comment is the detail. */
function entryCells(entry: ExportedEntry): readonly string[] {
  const end = timeOf(entry.expiresAt);
  return [
    entry.address ?? '',
    entry.kind === 'allow' ? 'allowlist' : rejectReason(entry.kind),
    entry.kind === 'allow' ? entry.reason : rejectDetail(entry, { namesSender: true }),
    timeOf(entry.createdAt),
    end,
    timeOf(entry.lastEventAt),
    entry.subaccount ?? '',
  ];
}

function wordOf(message: ExportedMessage): string {
  return stateOf(message, message.timeline);
}

/** `bad_mailbox: 550 5.1.1 no such user`; empty when it did not come back. */
function bounceDetail({ timeline }: ExportedMessage): string {
  const bounce = timeline.findLast(({ kind }) => kind.startsWith('message.bounced'));
  if (bounce === undefined) return '';
  const said = [bounceWords(bounce.data).bounce_description, diagOf(bounce.data)];
  return said.filter((each) => each !== '').join(': ');
}

export const mandrillExportForm: ExportForm = {
  suppressions: {
    fileName: (query) => (isAllowlist(query) ? 'allowlist.csv' : 'rejects.csv'),
    header: () => ['email', 'reason', 'detail', 'created_at', 'expires_at', 'last_event_at', 'subaccount'],
    cells: entryCells,
  },
  messages: {
    fileName: () => 'activity.csv',
    states: exportStates,
    stateOf: wordOf,
    header: (fields) => [
      'Date',
      'Email Address',
      'Sender',
      'Subject',
      'Status',
      'Tags',
      'Opens',
      'Clicks',
      'Bounce Detail',
      'Subaccount',
      ...fields,
    ],
    cells: (message, fields) => [
      timeText(new Date(idTime(message.id)).toISOString()),
      message.recipient,
      message.from,
      message.subject,
      wordOf(message),
      message.tags.join(','),
      String(message.opens),
      String(message.clicks),
      bounceDetail(message),
      message.subaccount ?? '',
      ...fields.map((name) => spelled(message.metadata[name])),
    ],
  },
};
