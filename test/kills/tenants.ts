/**
 * Tenants that submit to numbered recipients over both doors, many a call, until so many were answered. The numbers of what
 * was answered are kept as bits; what nobody answered is not sent again, its numbers are just gone.
 */
import { connect } from 'node:net';
import { Bits } from './bits.ts';
import { wait } from './judge.ts';
import type { NodeProcess } from './node.ts';

export type Tenant = { readonly id: number; readonly secret: string; answered: number };

/** So much may be accepted and not delivered yet; then the clients wait. */
const waitingMax = 20_000;
const perCall = { http: 50, smtp: 20 } as const;

export class Tenants {
  readonly answered = new Bits();
  readonly #tenants: readonly Tenant[];
  readonly #nodes: () => readonly NodeProcess[];
  readonly #delivered: Bits;
  readonly #wanted: number;
  #made = 0;

  constructor(
    tenants: readonly Tenant[],
    nodes: () => readonly NodeProcess[],
    plan: { readonly delivered: Bits; readonly wanted: number },
  ) {
    this.#tenants = tenants;
    this.#nodes = nodes;
    this.#delivered = plan.delivered;
    this.#wanted = plan.wanted;
  }

  /** Resolves when as many were answered as are wanted. */
  async run(clients: number): Promise<void> {
    await Promise.all(Array.from({ length: clients }, (_, index) => this.#loop(index)));
  }

  async #loop(index: number): Promise<void> {
    for (let turn = 0; this.answered.size < this.#wanted; turn++) {
      const tenant = this.#tenants[(index + turn) % this.#tenants.length];
      const nodes = this.#nodes();
      const node = nodes[index % Math.max(1, nodes.length)];
      const isFull = this.answered.size - this.#delivered.size > waitingMax;
      if (tenant === undefined || node === undefined || isFull) {
        await wait(20);
        continue;
      }
      const door = index % 2 === 0 ? 'http' : 'smtp';
      const left = Math.max(1, this.#wanted - this.answered.size);
      const numbers = Array.from({ length: Math.min(perCall[door], left) }, () => this.#made++);
      const recipients = numbers.map((n) => `m${n}@inbox${n % 5}.test`);
      const send = door === 'http' ? overHttp : overSmtp;
      if (!(await send(node, tenant.secret, recipients).catch(() => false))) {
        await wait(20);
        continue;
      }
      for (const n of numbers) this.answered.add(n);
      tenant.answered += numbers.length;
    }
  }
}

async function overHttp(node: NodeProcess, secret: string, recipients: readonly string[]): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${node.ports.http}/api/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      from: { email: 'a@lettershop.test' },
      recipients: recipients.map((email) => ({ to: { email } })),
      subject: 'Soak',
      text: 'x'.repeat(500),
      tags: ['soak'],
    }),
    signal: AbortSignal.timeout(30_000),
  });
  await response.arrayBuffer();
  return response.status === 202;
}

/** One connection, one mail to all of them. */
function overSmtp(node: NodeProcess, secret: string, recipients: readonly string[]): Promise<boolean> {
  const steps = [
    'EHLO client.test\r\n',
    `AUTH PLAIN ${Buffer.from(`\0lettershop\0${secret}`).toString('base64')}\r\n`,
    'MAIL FROM:<a@lettershop.test>\r\n',
    ...recipients.map((each) => `RCPT TO:<${each}>\r\n`),
    'DATA\r\n',
    `From: a@lettershop.test\r\nTo: list@inbox.test\r\nSubject: Soak\r\n\r\n${'y'.repeat(500)}\r\n.\r\n`,
  ];
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: node.ports.smtp, noDelay: true });
    let [text, step] = ['', 0];
    const finish = (isTaken: boolean): void => {
      socket.destroy();
      resolve(isTaken);
    };
    socket.setTimeout(30_000, () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('close', () => resolve(false));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const final = /^(\d{3}) [^\r\n]*\r\n$/m.exec(text);
      if (final === null || !text.endsWith('\r\n')) return;
      text = '';
      if (Number(final[1]) >= 400 || step === steps.length)
        finish(step === steps.length && Number(final[1]) < 400);
      else socket.write(steps[step++] ?? '');
    });
  });
}
