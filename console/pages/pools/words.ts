/** Source addresses and their warm-up plans in words, and as the call that sets a pool's members takes them. */
import { capOn } from '../../../src/features/pools/rules.ts';
import type { Input, Reply } from '../../api/client.ts';
import { countText } from '../../parts/numbers.ts';

export type SourceAddress = Reply<'GET /addresses'>['items'][number];
export type Member = Input<'PUT /pools/{id}/addresses'>['body']['addresses'][number];
export type Warmup = NonNullable<Member['warmup']>;

const dayMs = 86_400_000;

/** Which day of its plan it is, from 1; null before it begins and once it is over. Days are UTC, as the plan's are. */
export function dayOfPlan({ warmup }: SourceAddress, now: number): number | null {
  if (warmup === null) return null;
  const cap = capOn({ caps: warmup.caps, startedOn: warmup.startsOn }, now);
  if (cap === null || cap === 0) return null;
  return Math.floor((now - Date.parse(warmup.startsOn)) / dayMs) + 1;
}

export function planText(address: SourceAddress, now: number): string {
  const { warmup } = address;
  if (warmup === null) return 'warm';
  const day = dayOfPlan(address, now);
  if (day !== null) return `day ${day} of ${warmup.caps.length}`;
  return now < Date.parse(warmup.startsOn) ? `begins on ${warmup.startsOn}` : 'warmed up';
}

export function takenText({ warmup }: SourceAddress): string {
  if (warmup?.capToday == null) return 'no limit';
  return `${countText(warmup.takenToday)} of ${countText(warmup.capToday)}`;
}

/** The members of a pool as they stand, for a call that sets them all; nodes that share an address have it once. */
export function membersOf(addresses: readonly SourceAddress[]): readonly Member[] {
  const found = new Map(addresses.map((each) => [each.address, each]));
  return [...found.values()].map(({ address, warmup }) =>
    warmup === null
      ? { address }
      : {
          address,
          warmup: {
            caps: warmup.caps,
            startsOn: warmup.startsOn,
            ...(warmup.overflowPoolId === null ? {} : { overflowPoolId: warmup.overflowPoolId }),
          },
        },
  );
}

/** Numbers as they were typed, between commas, spaces or line ends. */
export function capsOf(text: string): readonly number[] {
  return text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number);
}
