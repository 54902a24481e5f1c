/**
 * A list without rows says why: the filters of its page, the choice of subaccounts, or both, each with a way to clear it;
 * only a list that nothing narrows teaches what comes there.
 */
import { Button, Group } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { someName, useSome } from '../shell/lens.ts';
import type { Some } from '../shell/lens.ts';
import { useFilters } from '../shell/location.ts';
import { Empty } from './empty.tsx';
import type { IconName } from './icons.ts';

type EmptyListProps = {
  readonly icon: IconName;
  /** What its rows are, in the plural: "No ... are like that". */
  readonly things: string;
  /** Of a list that nothing narrows. */
  readonly title: string;
  /** What would stand there, and how it comes about. */
  readonly children: ReactNode;
  /** The filters of its page, as they are called in the address. */
  readonly filters?: readonly string[];
  /** How the filters are read. */
  readonly hint?: ReactNode;
};

function titleOf(things: string, isFiltered: boolean, some: Some | null): string {
  if (some === null) return `No ${things} are like that`;
  const what = isFiltered ? `${things} like that` : things;
  if (some.isHidden) return `None of the other subaccounts has ${what}`;
  return some.ids.length === 1
    ? `The chosen subaccount has no ${what}`
    : `None of the chosen subaccounts has ${what}`;
}

function textOf(isFiltered: boolean, some: Some | null): string {
  if (some === null) return 'Take a filter away to see more.';
  const count = some.ids.length;
  const which = some.isHidden
    ? `${count === 1 ? 'One subaccount is' : `${count} subaccounts are`} hidden`
    : `Only ${count === 1 ? 'one subaccount is' : `${count} subaccounts are`} shown`;
  return `${which}${isFiltered ? ', and filters narrow the list' : ''}. What is of the account as a whole is left out meanwhile.`;
}

export function EmptyList({
  icon,
  things,
  title,
  children,
  filters = [],
  hint,
}: EmptyListProps): ReactElement {
  const some = useSome();
  const [values, setFilters] = useFilters(filters);
  const [, setSome] = useFilters([someName]);
  const isFiltered = filters.some((name) => values[name] !== '');
  if (!isFiltered && some === null)
    return (
      <Empty icon={icon} title={title}>
        {children}
      </Empty>
    );
  const clear = (): void => setFilters(Object.fromEntries(filters.map((name) => [name, null])));
  return (
    <Empty icon="search" title={titleOf(things, isFiltered, some)}>
      {textOf(isFiltered, some)} {isFiltered && hint}
      <Group justify="center" gap="xs" mt="md">
        {isFiltered && (
          <Button size="xs" variant="default" onClick={clear}>
            Clear the filters
          </Button>
        )}
        {some !== null && (
          <Button size="xs" variant="default" onClick={() => setSome({ [someName]: null })}>
            Show all subaccounts
          </Button>
        )}
      </Group>
    </Empty>
  );
}
