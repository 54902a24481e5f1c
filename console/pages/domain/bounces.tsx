import { Group } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { act } from '../../parts/confirm.tsx';
import { useWhyNotOn } from '../../shell/me.ts';

type OfDomain = { readonly domain: Reply<'GET /domains/{id}'> };

/** Where bounces come back to, and whether those of all mail of its holder do. */
export function Bounces({ domain }: OfDomain): ReactElement {
  const { id, bounceHost, takesBounces, isDefaultBounce } = domain;
  const change = useChange('PATCH /domains/{id}');
  const why = useWhyNotOn(domain.subaccountId)('PATCH /domains/{id}');
  const whyNot =
    isDefaultBounce || takesBounces
      ? why
      : (why ?? 'Neither its return path record nor one that stands in for it is seen yet.');
  const done = isDefaultBounce ? 'Each domain takes its own again' : 'Bounces of all mail come back here';
  const set = (): void => {
    const body = { isDefaultBounce: !isDefaultBounce };
    void act(done, () => change.run({ path: { id }, body }));
  };
  return (
    <Group gap="sm">
      <span>
        <span className="mono">{bounceHost}</span>
        {isDefaultBounce ? ', for all mail' : ', for mail from it'}
      </span>
      <ActButton size="compact-xs" variant="default" why={whyNot} loading={change.isRunning} onClick={set}>
        {isDefaultBounce ? 'Only for mail from it' : 'For all mail'}
      </ActButton>
    </Group>
  );
}
