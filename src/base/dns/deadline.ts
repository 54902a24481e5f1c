import type { DnsOutcome, RecordType } from './client.ts';

type Resolve = (name: string, type: RecordType) => Promise<DnsOutcome>;

/** The same resolver for one piece of work: what has no answer when `totalMs` are over counts as timed out. */
export function withDeadline(resolve: Resolve, totalMs: number): Resolve {
  const late: DnsOutcome = { kind: 'failed', reason: 'timeout' };
  const endsAt = performance.now() + totalMs;
  // A timer may fire a little early by the other clock.
  let isOver = false;
  return async (name, type) => {
    const leftMs = endsAt - performance.now();
    if (isOver || leftMs <= 0) return late;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<DnsOutcome>((done) => {
      timer = setTimeout(() => {
        isOver = true;
        done(late);
      }, leftMs);
    });
    return Promise.race([resolve(name, type), timeout]).finally(() => clearTimeout(timer));
  };
}
