/** HTTP/1.1 by hand: what no well-behaved client would send. */
import { once } from 'node:events';
import { connect } from 'node:net';

export type RawReply = {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly sentBytes: number;
};

export function rawHead(
  method: string,
  target: string,
  host: string,
  headers: Readonly<Record<string, string>>,
): Buffer {
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
}

/**
 * Sends the bytes, then (`endless`) one chunk over and over while the socket takes it, until the first reply is whole or
 * the server closes. A deadline of 20 s makes it reject.
 */
export async function rawCall(url: URL, bytes: Buffer, more: { endless?: Buffer } = {}): Promise<RawReply> {
  const socket = connect(Number(url.port), url.hostname);
  const received: Buffer[] = [];
  const deadline = setTimeout(() => socket.destroy(new Error('no reply within 20 s')), 20_000);
  try {
    return await new Promise<RawReply>((resolve, reject) => {
      const done = new AbortController();
      const finish = (error?: Error): void => {
        done.abort();
        const reply = parseReply(Buffer.concat(received), socket.bytesWritten);
        if (reply === null)
          reject(error ?? new Error(`no whole reply: ${Buffer.concat(received).toString()}`));
        else resolve(reply);
      };
      socket.on('data', (chunk: Buffer) => {
        received.push(chunk);
        if (parseReply(Buffer.concat(received), 0) !== null) finish();
      });
      socket.once('error', finish);
      socket.once('close', () => finish());
      const pour = async (): Promise<void> => {
        socket.write(bytes);
        while (more.endless !== undefined && !done.signal.aborted && socket.writable) {
          if (!socket.write(more.endless)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
        }
      };
      pour().catch(reject);
    });
  } finally {
    clearTimeout(deadline);
    socket.destroy();
  }
}

/** `null` as long as the reply is not whole. */
function parseReply(bytes: Buffer, sentBytes: number): RawReply | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = Number(headers['content-length'] ?? 0);
  const body = bytes.subarray(end + 4);
  if (body.length < length) return null;
  return {
    status: Number(first.split(' ')[1]),
    headers,
    body: body.subarray(0, length).toString(),
    sentBytes,
  };
}
