/** IP pools by name (contract, section 12): their id is the pool's name in lower case. */
import type { SparkpostCaller } from './caller.ts';
import { everything } from './fields.ts';
import { tell } from './words.ts';

export type NativePool = {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
  readonly signingDomainId: string | null;
  readonly feedbackDomainId: string | null;
};

export function poolsOf({ world, account }: SparkpostCaller): Promise<readonly NativePool[]> {
  return everything<NativePool>(world.native, account, 'GET /pools');
}

/** Case does not count. */
export async function poolNamed(caller: SparkpostCaller, name: string): Promise<NativePool> {
  const found = (await poolsOf(caller)).find((pool) => pool.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw tell(400, { message: `IP Pool ${name} does not exist.` });
  return found;
}
