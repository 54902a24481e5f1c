import { Alert, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { usePages, useReadIf } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { Empty } from '../parts/empty.tsx';
import { Facts } from '../parts/facts.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { countText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { PageLink } from '../parts/page-link.tsx';
import { Panel } from '../parts/panel.tsx';
import { Time } from '../parts/time.tsx';
import { useParam } from '../shell/location.ts';
import { mayCall, useMe, useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { QueueActs } from './queue/acts.tsx';
import { Waiting } from './queue/waiting.tsx';
import { LimitsForm, limitsText } from './sites/limits.tsx';
import type { Limits } from './sites/limits.tsx';
import { Pace } from './sites/pace.tsx';
import type { Site } from './sites/pace.tsx';
import { Sources } from './sites/sources.tsx';
import { Suspended } from './sites/suspended.tsx';
import { Create } from './suspensions/create.tsx';

export function Page(): ReactElement {
  const name = useParam('site');
  const me = useMe();
  // Not found: none of the caller's mail waits for it. It can be limited and suspended nevertheless.
  const site = useReadIf(true, 'GET /sites/{site}', { path: { site: name } }, { everyMs: 3000 });
  const limits = useReadIf(mayCall(me, 'GET /site-limits'), 'GET /site-limits', {});
  const own = site?.ownLimits ?? limits?.items.find((each) => each.site === name) ?? null;
  return (
    <>
      <PageHead
        title={name}
        text={site === null ? 'A receiver of mail.' : <Pace of={site} />}
        back={{ to: 'sites', title: 'Sites' }}
      >
        <EditLimits site={name} limits={own} />
        <NewThing call="POST /suspensions" label="Suspend it" title={`Suspend mail to ${name}`}>
          {(close) => <Create about={{ kind: 'site', value: name }} onDone={close} />}
        </NewThing>
      </PageHead>
      <Stack gap="lg">
        <Suspense fallback={null}>
          <Suspended site={name} domains={site?.domains ?? []} />
        </Suspense>
        {site === null ? (
          <Nothing own={own} />
        ) : (
          <>
            <Figures site={site} />
            <Speed site={site} own={own} />
            <Sources states={site.states} />
            <Suspense fallback={<PageWait />}>
              <Mail site={name} />
            </Suspense>
          </>
        )}
      </Stack>
    </>
  );
}

function EditLimits({
  site,
  limits,
}: {
  readonly site: string;
  readonly limits: Limits | null;
}): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <>
      <ActButton variant="default" why={whyNot('PUT /site-limits')} onClick={dialogue.open}>
        Limits
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title={`Limits for ${site}`}>
        <LimitsForm site={site} limits={limits} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

function Nothing({ own }: { readonly own: Limits | null }): ReactElement {
  return (
    <>
      {own !== null && (
        <Panel title="How fast it is met">
          <Text size="sm">At most {limitsText(own)}, by limits of the account.</Text>
        </Panel>
      )}
      <Empty icon="send" title="No mail of yours waits for it">
        As soon as some does, how fast this receiver is met, from which addresses, and what slows it down
        stand here. Limits and a suspension can be set before.
      </Empty>
    </>
  );
}

function Figures({ site }: { readonly site: Site }): ReactElement {
  const { waiting, inHand, held, isExact, oldestAt, domains, transport } = site;
  const policies = transport.map(({ domain, policy }) => `${domain}: ${policy}`);
  return (
    <Panel
      title="What waits"
      actions={
        <PageLink to="figures" search={{ by: 'site', site: site.site }}>
          Its figures
        </PageLink>
      }
    >
      <Facts
        of={{
          Waiting: `${countText(waiting)}${isExact ? '' : ' or more'}`,
          'In hand': countText(inHand),
          Held: countText(held),
          Oldest: <Time at={oldestAt} />,
          'Domains that it takes mail for': domains.join(', '),
          'Sessions must meet': policies.length === 0 ? null : policies.join(', '),
        }}
      />
    </Panel>
  );
}

const asProfile = 'as the profile says';

/** What is known of the receiver, beside what the account set below it. */
function Speed({ site, own }: { readonly site: Site; readonly own: Limits | null }): ReactElement {
  const { name, version, connections, messagesPerConnection, messagesPerSecond } = site.profile;
  const rate = messagesPerSecond === null ? 'no limit is known' : countText(messagesPerSecond * 3600);
  const lines = [
    ['Connections at once', countText(connections), own?.connections],
    ['Messages per connection', countText(messagesPerConnection), own?.messagesPerConnection],
    ['Messages per hour', rate, own?.messagesPerHour],
  ] as const;
  return (
    <Panel title="How fast it is met">
      <div className="table-scroll" role="region" aria-label="Speed" tabIndex={0}>
        <table className="plain" data-whole aria-label="How fast it is met">
          <thead>
            <tr>
              <th scope="col">From each address</th>
              <th scope="col">
                Profile {name}, version {version}
              </th>
              <th scope="col">Limits of the account</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(([title, known, limit]) => (
              <tr key={title}>
                <th scope="row">{title}</th>
                <td>{known}</td>
                <td>{limit === null || limit === undefined ? asProfile : countText(limit)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Mail({ site }: { readonly site: string }): ReactElement {
  const filter = { site };
  const list = usePages('GET /queue', { query: filter }, { everyMs: 5000 });
  return (
    <section aria-label="Mail that waits for it">
      <Group justify="space-between" mb="sm">
        <Text component="h2" fw={600}>
          Mail that waits for it
        </Text>
        <PageLink to="queue" search={{ site }}>
          In the queue
        </PageLink>
      </Group>
      <QueueActs filter={filter} />
      {list.items.length === 0 && !list.hasMore ? (
        <Alert color="gray">What waited has just left.</Alert>
      ) : (
        <Waiting list={list} isOfSite />
      )}
    </section>
  );
}
