import { Select, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useChange, useRead } from '../../api/hooks.ts';
import { act } from '../../parts/confirm.tsx';
import { Facts } from '../../parts/facts.tsx';
import { TrackingSwitches } from '../../parts/tracking-switches.tsx';
import { useWhyNotOn } from '../../shell/me.ts';

type OfDomain = { readonly domain: Reply<'GET /domains/{id}'> };

const sources = {
  sending_domain: 'linked to this domain',
  subaccount: "the subaccount's default",
  account: "the account's default",
  installation: "the installation's",
} as const;

/** Which name the links of this domain's mail carry, and what of it is told afterwards. */
export function DomainTracking({ domain }: OfDomain): ReactElement {
  const { url, source } = useRead('GET /tracking-choice', { query: { domainId: domain.id } });
  const why = useWhyNotOn(domain.subaccountId)('PUT /tracking-settings');
  return (
    <Stack gap="md">
      <Facts
        of={{
          'Links lead over':
            url === null || source === null ? (
              'nothing yet: without a proven tracking domain nothing is tracked'
            ) : (
              <>
                <span className="mono">{url}</span>, {sources[source]}
              </>
            ),
          'Link it to': <LinkTo domain={domain} />,
        }}
      />
      <div>
        <TrackingSwitches
          text="Of mail from this domain that says nothing itself."
          domainId={domain.id}
          why={why}
        />
      </div>
    </Stack>
  );
}

const defaults = 'defaults';

function LinkTo({ domain }: OfDomain): ReactElement {
  const { items } = useRead('GET /tracking-domains', { query: { limit: 500 } });
  const link = useChange('PUT /domains/{id}/tracking');
  const why = useWhyNotOn(domain.subaccountId)('PUT /domains/{id}/tracking');
  const set = (value: string | null): void => {
    if (value === null) return;
    const body = { trackingDomainId: value === defaults ? null : value };
    const done = value === defaults ? 'The defaults count again' : 'Linked';
    void act(done, () => link.run({ path: { id: domain.id }, body }));
  };
  return (
    <>
      <Select
        aria-label="Link it to"
        size="xs"
        maw={280}
        placeholder="choose"
        data={[
          { value: defaults, label: 'the defaults' },
          ...items
            .filter(({ state }) => state === 'proven')
            .map(({ id, name }) => ({ value: id, label: name })),
        ]}
        value={null}
        disabled={why !== null || link.isRunning}
        onChange={set}
      />
      {why !== null && (
        <Text size="xs" c="dimmed">
          {why}
        </Text>
      )}
    </>
  );
}
