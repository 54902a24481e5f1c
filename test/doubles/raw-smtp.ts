/** An SMTP client that knows nothing: sends bytes as they are, waits for whole replies. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export class RawSmtp {
  readonly socket: Socket;
  /** Every reply line that came, in order. */
  readonly seen: string[] = [];
  isClosed = false;
  #text = '';
  #replies: string[] = [];
  #wake: () => void = () => undefined;

  constructor(port: number, host = '127.0.0.1') {
    this.socket = connect(port, host);
    this.socket.setNoDelay(true);
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
    this.socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      for (let end = this.#text.indexOf('\r\n'); end >= 0; end = this.#text.indexOf('\r\n')) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        this.seen.push(line);
        if (line[3] !== '-') this.#replies.push(line);
      }
      this.#wake();
    });
  }

  /** Text goes out as latin1, so that any octet can be said. */
  send(text: string | Buffer): void {
    if (!this.socket.destroyed)
      this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  }

  /** The next `count` final reply lines; fewer when the server closes. */
  async replies(count: number): Promise<string[]> {
    while (this.#replies.length < count && !this.isClosed) await this.#change();
    return this.#replies.splice(0, count);
  }

  async codes(count: number): Promise<string[]> {
    return (await this.replies(count)).map((line) => line.slice(0, 3));
  }

  async say(text: string): Promise<string> {
    this.send(`${text}\r\n`);
    return (await this.replies(1))[0] ?? '';
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await this.#change();
  }

  end(): void {
    this.socket.destroy();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
