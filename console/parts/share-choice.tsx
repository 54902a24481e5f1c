import { Select } from '@mantine/core';
import type { ReactElement } from 'react';
import { useMe } from '../shell/me.ts';

const shares = [
  { value: 'none', label: 'with nobody' },
  { value: 'read', label: 'to be read by all subaccounts' },
  { value: 'use', label: 'to be sent from by all subaccounts' },
] as const;
type Level = (typeof shares)[number]['value'];

type ShareChoiceProps = {
  readonly of: { readonly subaccountId: number; readonly share: Level };
  /** Null when it may be changed. */
  readonly why: string | null;
  readonly isRunning: boolean;
  readonly set: (share: Level) => void;
};

/** With whom a thing of the account is shared: what a subaccount holds is nobody's but its own. */
export function ShareChoice({
  of: { subaccountId, share },
  why,
  isRunning,
  set,
}: ShareChoiceProps): ReactElement {
  const { current } = useMe();
  const isOfAccount = current.reach === 'account' && subaccountId === current.subaccountId;
  const whyNot = why ?? (isOfAccount ? null : 'Only what the account holds itself can be shared.');
  const choose = (value: string | null): void => {
    const level = shares.find((each) => each.value === value)?.value;
    if (level !== undefined && level !== share) set(level);
  };
  return (
    <Select
      aria-label="Shared"
      size="xs"
      maw={280}
      data={[...shares]}
      value={share}
      allowDeselect={false}
      disabled={whyNot !== null || isRunning}
      {...(whyNot === null ? {} : { description: whyNot })}
      onChange={choose}
    />
  );
}
