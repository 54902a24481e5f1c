/** The native form: pure. */
import { idTime } from '../../base/ids.ts';
import { messageStates } from '../messages/index.ts';
import { plainValue } from '../metadata/index.ts';
import { entryCells, entryColumns } from '../suppressions/index.ts';
import type { ExportedMessage, ExportForm } from './model.ts';

const columns: Readonly<Record<string, (message: ExportedMessage) => string>> = {
  id: ({ id }) => id,
  acceptedAt: ({ id }) => new Date(idTime(id)).toISOString(),
  subaccountId: ({ subaccountId }) => String(subaccountId),
  from: ({ from }) => from,
  to: ({ recipient }) => recipient,
  subject: ({ subject }) => subject,
  state: ({ state }) => state,
  stateAt: ({ stateAt }) => stateAt.toISOString(),
  tags: ({ tags }) => tags.join(' '),
  metadata: ({ metadata }) => JSON.stringify(metadata),
  opens: ({ opens }) => String(opens),
  clicks: ({ clicks }) => String(clicks),
  lastReply,
};

type Reply = { readonly code: number; readonly enhanced: string | null; readonly text: string };

/** What a mail server said last. */
function lastReply({ timeline }: ExportedMessage): string {
  const replies = timeline.flatMap(({ data }) => {
    const reply = data['reply'] as Reply | null | undefined;
    return reply === null || reply === undefined ? [] : [reply];
  });
  const { code = '', enhanced = '', text = '' } = replies.at(-1) ?? {};
  return [code, enhanced ?? '', text].filter((each) => each !== '').join(' ');
}

export const nativeForm: ExportForm = {
  // What imports read.
  suppressions: { fileName: () => 'suppressions.csv', header: () => entryColumns, cells: entryCells },
  messages: {
    fileName: () => 'messages.csv',
    states: messageStates,
    stateOf: ({ state }) => state,
    header: (fields) => [...Object.keys(columns), ...fields.map((name) => `metadata.${name}`)],
    cells: (message, fields) => [
      ...Object.values(columns).map((read) => read(message)),
      ...fields.map((name) => plainValue(message.metadata[name])),
    ],
  },
};
