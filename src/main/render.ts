/** A stored copy as it leaves, for those who look at it: the same composing as delivery's, without the signature. */
import { idTime } from '../base/ids.ts';
import type { Keyring } from '../base/seal.ts';
import { makeMark } from '../mail/verp.ts';
import { composeCopy } from '../features/delivery/index.ts';
import type { MessageRow, StoredContent } from '../features/messages/index.ts';
import { refuse } from '../features/refusals/index.ts';

export function renderStored(stored: StoredContent, message: MessageRow, ring: Keyring): Buffer {
  if (stored.format === 'raw') return stored.content;
  const composed = composeCopy(
    {
      format: stored.format,
      bytes: stored.content,
      mailFrom: message.from,
      domainId: '0',
      options: {
        tags: [],
        metadata: {},
        terms: { unknownOutcome: 'rather_twice', overQuota: 'hold' },
        poolId: null,
        needs: { eightBit: false, smtputf8: false, requireTls: false },
      },
      shared: {},
    },
    { messageId: message.id, recipient: message.recipient, data: stored.data },
    stored.options.hasFeedbackHeaders === true
      ? { name: makeMark(message.id, idTime(message.id), ring) }
      : {},
  );
  if (!composed.ok) throw refuse('template.failed', { message: composed.why });
  return Buffer.concat([composed.copy.header, Buffer.from('\r\n'), composed.copy.body]);
}
