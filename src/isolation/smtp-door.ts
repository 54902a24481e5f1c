/** A bare SMTP client: says lines, keeps replies word for word. One conversation per connection. */
import { connect } from 'node:net';
import type { Sources, Target } from './door.ts';

/** The replies in order, one text each; the greeting and the answer to EHLO are not among them. */
export type Conversation = readonly string[];
export type SmtpDoor = (lines: readonly string[]) => Promise<Conversation>;

/** In place of the reply to a message whose DATA was refused: its lines would be taken for commands. */
const notSent = '(not sent)';
const talkTimeoutMs = 30_000;

/** Says each line after the reply to the one before; one that holds line ends is a message with its dot. */
export function openSmtpDoor({ smtp }: Target, sources: Sources): SmtpDoor {
  return (lines) =>
    new Promise((resolve, reject) => {
      const localAddress = sources();
      const socket = connect({ ...smtp, ...(localAddress === undefined ? {} : { localAddress }) });
      const toSay = ['EHLO proof.example.com', ...lines, 'QUIT'];
      const replies: string[] = [];
      let pending = '';
      socket.setTimeout(talkTimeoutMs, () => socket.destroy(new Error('SMTP: no answer')));
      socket.on('error', reject);
      socket.on('close', () => resolve(replies.slice(2, 2 + lines.length)));
      socket.on('data', (chunk: Buffer) => {
        pending += chunk.toString('utf8');
        for (let end = endOfReply(pending); end > 0; end = endOfReply(pending)) {
          replies.push(pending.slice(0, end).trimEnd());
          pending = pending.slice(end);
          const isText = toSay[0]?.includes('\r\n') === true;
          if (isText && replies.at(-1)?.startsWith('354') !== true) {
            replies.push(notSent);
            toSay.shift();
          }
          const next = toSay.shift();
          if (next !== undefined) socket.write(`${next}\r\n`);
        }
      });
    });
}

/** Length of the first whole reply; 0 when there is none yet. */
function endOfReply(text: string): number {
  const found = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r?\n/.exec(text);
  return found === null ? 0 : found[0].length;
}

export function authPlain(user: string, secret: string): string {
  return `AUTH PLAIN ${Buffer.from(`\0${user}\0${secret}`).toString('base64')}`;
}

/** A whole mail from MAIL to the dot. */
export function mailLines(from: string, to: string): readonly string[] {
  const text = [`From: <${from}>`, `To: <${to}>`, 'Subject: Proof', '', 'Text.', '.'].join('\r\n');
  return [`MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA', text];
}
