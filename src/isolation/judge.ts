/** What the attack found, counted: one judge for all its parts. */
import { comparable, difference, leaksIn } from './compare.ts';
import type { Secrets } from './compare.ts';
import type { Reply } from './door.ts';
import type { Verdict } from './expected.ts';

export type Leak = {
  /** `GET /messages/:id`, `SMTP AUTH`, ... */
  readonly where: string;
  readonly who: string;
  readonly what: string;
};

export type Asked = { readonly reply: Reply; readonly sent: readonly string[] };

export class Judge {
  readonly leaks: Leak[] = [];
  /** Judged answers, by credential. */
  readonly counts = new Map<string, number>();
  /** Answers that only said that this address had failed too often. */
  throttled = 0;
  readonly #secrets: Secrets;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  get cases(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  blame(where: string, who: string, what: string): void {
    this.leaks.push({ where, who, what });
  }

  count(who: string, cases = 1): void {
    this.counts.set(who, (this.counts.get(who) ?? 0) + cases);
  }

  skip(): void {
    this.throttled += 1;
  }

  /** One answer: its status, and that it holds nothing of A's. Whether it could be judged. */
  answer(where: string, who: string, { reply, sent }: Asked, verdict: Verdict, sibling?: number): boolean {
    if (reply.status === 429 && reply.body.includes('"auth.throttled"')) {
      this.skip();
      return false;
    }
    this.count(who);
    const wrong = wrongStatus(reply.status, verdict, sibling);
    if (wrong !== null) this.blame(where, who, wrong);
    for (const word of leaksIn(reply, this.#secrets, sent)) {
      this.blame(where, who, `the answer (${reply.status}) holds "${word}"`);
    }
    return true;
  }

  /** Whether nothing is between two answers that a caller could tell them apart by. */
  areAlike(foreign: Asked, missing: Asked): boolean {
    return comparable(foreign.reply, foreign.sent) === comparable(missing.reply, missing.sent);
  }

  /** Two answers: each for itself, and nothing between them. */
  pair(where: string, who: string, foreign: Asked, missing: Asked, verdict: Verdict): void {
    const both = [foreign, missing].map((asked) => this.answer(where, who, asked, verdict));
    if (both.includes(false)) return;
    const told = difference(comparable(foreign.reply, foreign.sent), comparable(missing.reply, missing.sent));
    if (told !== null) this.blame(where, who, told);
  }
}

function wrongStatus(status: number, verdict: Verdict, sibling: number | undefined): string | null {
  if (status >= 500) return `answers ${status}`;
  if (verdict.kind === 'own') return null;
  const wanted = verdict.kind === 'status' ? verdict.status : sibling;
  return wanted === undefined || wanted === status ? null : `answers ${status}, should be ${wanted}`;
}
