import { systemClock } from '../base/clock.ts';
import { errorText, silentLog } from '../base/log.ts';
import type { SubaccountId } from '../base/scope.ts';
import { makeAccess } from '../features/access/index.ts';
import { accountOf } from '../features/accounts/index.ts';
import { exempt, raise, reset } from '../features/reputation/index.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

const steps = ['warn', 'slow', 'review', 'pause'] as const;
const dayMs = 86_400_000;

/** Days from now, `null` when nothing was given; NaN when it is no number. */
function endOf(days: string | undefined): number | null {
  return days === undefined ? null : systemClock.now() + Number(days) * dayMs;
}

/** The operator's own word on a subaccount's reputation: the account does not undo it. */
export const reputationCommand: Command = {
  usage: `NUMBER (${steps.join('|')}|exempt|reset) [DAYS] [REASON]`,
  does: 'take a step against a subaccount by hand, exempt it for some days (0 ends that), or undo a step',
  run: (words, config) =>
    withDatabase(config, async (db) => {
      const [text = '', verb = '', ...rest] = words;
      const days = /^\d+$/.test(rest[0] ?? '') ? rest.shift() : undefined;
      const step = steps.find((each) => each === verb);
      const account = /^\d+$/.test(text) ? await accountOf(db, Number(text)) : null;
      if (account === null || (step === undefined && verb !== 'exempt' && verb !== 'reset')) {
        console.error(`lettershop reputation ${reputationCommand.usage}`);
        return 1;
      }
      await using access = makeAccess({ db, clock: systemClock, log: silentLog });
      const scope = access.operatorScope(account);
      const world = { db, clock: systemClock };
      const [id, reason] = [Number(text) as SubaccountId, rest.join(' ')];
      try {
        const { reputation } =
          step !== undefined
            ? await raise(world, scope, id, { step, until: endOf(days), reason })
            : verb === 'reset'
              ? await reset(world, scope, id, reason)
              : await exempt(world, scope, id, { until: days === '0' ? null : endOf(days ?? '30'), reason });
        const until = reputation.until === null ? '' : ` until ${new Date(reputation.until).toISOString()}`;
        const exemption = reputation.exemptUntil === null ? '' : ', exempt';
        console.log(`subaccount ${id}: ${reputation.step}${until}${exemption}`);
        return 0;
      } catch (error) {
        console.error(`lettershop reputation: ${errorText(error)}`);
        return 1;
      }
    }),
};
