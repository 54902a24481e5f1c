/**
 * Plans that are kept. What the background asks several times a second was planned at each call: nine tenths of what an idle
 * program costs its store, and more with every partition. A statement that begins with `/* feature.statement, plan kept *\/`
 * is prepared under its name and planned once a minute.
 *
 * For the engine's connections alone: their plans are generic, made without the values, so that a kept one is the plan that
 * would be made now, by tables' sizes of at most a minute ago (and after an analyze, a migration or a new partition at once).
 * The text under a name is always the same (`pg` refuses another), and it names the columns of its result: with a `*` a
 * migration that adds one would make it fail.
 */
import type { PoolClient } from 'pg';

const keptMs = 60_000;

type Ask = (...given: readonly unknown[]) => Promise<unknown>;

/** From now on the client's marked statements are prepared. `forMs`: how long a plan is kept. */
export function keepPlans(client: Pick<PoolClient, 'query'>, forMs = keptMs): void {
  const query = client.query.bind(client) as unknown as Ask;
  let renewAtMs = performance.now() + forMs;
  const ask = async (name: string, text: string, values: unknown): Promise<unknown> => {
    if (performance.now() >= renewAtMs) {
      renewAtMs = performance.now() + forMs;
      await query('discard plans');
    }
    return query({ name, text, values });
  };
  client.query = ((...given: readonly unknown[]) => {
    const [text, values] = given;
    const name = typeof text === 'string' ? /^\/\* ([\w.]+), plan kept \*\//.exec(text)?.[1] : undefined;
    return name === undefined ? query(...given) : ask(name, String(text), values);
  }) as PoolClient['query'];
}
