/** Clients that submit over both doors, each with recipients of its own, and remember exactly what was answered. */
import { connect } from 'node:net';
import { killKey } from './node.ts';
import type { NodeProcess } from './node.ts';

export type Answered = { readonly recipient: string; readonly submission: string };

export class Clients {
  readonly answered: Answered[] = [];
  readonly #nodes: () => readonly NodeProcess[];
  readonly #running: Promise<void>[] = [];
  readonly #run: string;
  readonly #domains: readonly string[];
  #isStopping = false;
  #made = 0;

  /** `run` makes the recipients of this run its own; they are spread over the domains. */
  constructor(run: string, nodes: () => readonly NodeProcess[], domains: readonly string[] = ['inbox.test']) {
    this.#run = run;
    this.#domains = domains;
    this.#nodes = nodes;
  }

  start(count: number): void {
    for (let index = 0; index < count; index++) this.#running.push(this.#loop(index));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#running);
  }

  async #loop(index: number): Promise<void> {
    while (!this.#isStopping) {
      const nodes = this.#nodes();
      const node = nodes[index % Math.max(1, nodes.length)];
      const made = ++this.#made;
      const recipient = `r${this.#run}-${made}@${this.#domains[made % this.#domains.length]}`;
      const submission =
        node === undefined
          ? null
          : await (index % 2 === 0 ? overHttp(node, recipient) : overSmtp(node, recipient)).catch(() => null);
      if (submission !== null) this.answered.push({ recipient, submission });
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function overHttp(node: NodeProcess, recipient: string): Promise<string | null> {
  const response = await fetch(`http://127.0.0.1:${node.ports.http}/api/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${killKey.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      from: { email: 'a@lettershop.test' },
      to: [{ email: recipient }],
      subject: 'Kill run',
      text: 'x'.repeat(500),
    }),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status !== 202) return null;
  return ((await response.json()) as { id: string }).id;
}

const login = Buffer.from(`\0lettershop\0${killKey.secret}`).toString('base64');

/** One connection, one mail; the submission's id from the 250 after the final dot. */
function overSmtp(node: NodeProcess, recipient: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: node.ports.smtp, noDelay: true });
    let text = '';
    let step = 0;
    const steps = [
      'EHLO client.test\r\n',
      `AUTH PLAIN ${login}\r\n`,
      'MAIL FROM:<a@lettershop.test>\r\n',
      `RCPT TO:<${recipient}>\r\n`,
      'DATA\r\n',
      `From: a@lettershop.test\r\nTo: ${recipient}\r\nSubject: Kill run\r\n\r\n${'y'.repeat(500)}\r\n.\r\n`,
    ];
    const finish = (submission: string | null): void => {
      socket.destroy();
      resolve(submission);
    };
    socket.setTimeout(10_000, () => finish(null));
    socket.on('error', () => finish(null));
    socket.on('close', () => resolve(null));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const final = /^(\d{3}) [^\r\n]*\r\n$/m.exec(text);
      if (final === null || !text.endsWith('\r\n')) return;
      if (Number(final[1]) >= 400) return finish(null);
      if (step === steps.length) return finish(/accepted as (\d+)/.exec(text)?.[1] ?? null);
      text = '';
      socket.write(steps[step++] ?? '');
      return undefined;
    });
  });
}
