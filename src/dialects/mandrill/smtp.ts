/** SMTP with X-MC-* headers (contract, section 6): the message becomes a send call, its refusals SMTP replies. */
import type { RequestFacts } from '../../base/route.ts';
import type { Scope } from '../../base/scope.ts';
import { Told } from '../shared/dialect.ts';
import { refuse } from '../../features/refusals/index.ts';
import type { MandrillCaller, MandrillWorld } from './caller.ts';
import { submitWhole } from './sending.ts';
import { wholeMail } from './fields.ts';
import { readControls } from './x-mc.ts';

export type Submitted = {
  readonly scope: Scope;
  /** The scope as another subaccount of the account. */
  readonly actFor: (subaccountId: number) => Promise<Scope>;
  readonly request: RequestFacts;
  readonly bytes: Buffer;
  readonly recipients: readonly string[];
};

/** Whether there is anything to obey; without such a header the mail goes the way of every other. */
export function hasControls(bytes: Buffer): boolean {
  const end = bytes.indexOf('\r\n\r\n');
  return /^x-mc-/im.test(bytes.toString('latin1', 0, end < 0 ? bytes.length : end));
}

/**
 * Resolves once the mail is stored, or with the subaccount that it names and that is not there (contract, 4.3.2: taken, and
 * failed afterwards); throws a refusal.
 */
export async function submit(
  world: MandrillWorld,
  submitted: Submitted,
): Promise<{ readonly kind: 'sent' } | { readonly kind: 'unknown-subaccount'; readonly named: string }> {
  const { scope, request, bytes, recipients } = submitted;
  const actFor = async (id: number) => ({ scope: await submitted.actFor(id), request });
  const isPrimary = scope.reach === 'account';
  const all = { scope, request };
  const own = isPrimary ? await actFor(Number(scope.subaccountId)) : all;
  const caller: MandrillCaller = { world, scope, isPrimary, all, own, actFor };
  try {
    await submitWhole(caller, bytes, recipients);
    return { kind: 'sent' };
  } catch (error) {
    if (!(error instanceof Told)) throw error;
    const { name, message } = error.answer.body as { readonly name: string; readonly message: string };
    if (name === 'Unknown_Subaccount')
      return {
        kind: 'unknown-subaccount',
        named: readControls(await wholeMail(bytes, 'raw_message')).subaccount ?? '',
      };
    throw refuse('message.invalid', { message });
  }
}
