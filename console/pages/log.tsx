import { Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { useRead } from '../api/hooks.ts';
import { Actor } from '../parts/actor.tsx';
import { Copy } from '../parts/copy.tsx';
import { Facts } from '../parts/facts.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { PageLink } from '../parts/page-link.tsx';
import { Panel } from '../parts/panel.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { useParam } from '../shell/location.ts';
import { mayCall, useMe } from '../shell/me.ts';
import { toneOfStatus } from './logs.tsx';

export function Page(): ReactElement {
  const id = useParam('id');
  const log = useRead('GET /logs/{id}', { path: { id } });
  const me = useMe();
  return (
    <>
      <PageHead
        title={`${log.method} ${log.pattern === '' ? log.path : log.pattern}`}
        text={<State name={String(log.status)} tone={toneOfStatus(log.status)} />}
        back={{ to: 'logs', title: 'Logs' }}
      />
      <Stack gap="lg">
        <Panel title="Facts">
          <Facts
            of={{
              At: <Time at={log.at} />,
              By: <Actor actor={log.actor} />,
              Path: <span className="mono">{log.path}</span>,
              Door: log.door === 'http' ? 'HTTP' : 'SMTP',
              From: log.remoteAddress,
              Program: log.userAgent === '' ? null : log.userAgent,
              Took: `${log.ms} ms`,
              Subaccount: log.subaccountId === null ? null : <SubaccountName id={log.subaccountId} />,
              'Request id': <Copy value={log.requestId} name="the request id" />,
              Changes: mayCall(me, 'GET /audit') ? (
                <PageLink to="audit" search={{ requestId: log.requestId }}>
                  What it changed
                </PageLink>
              ) : null,
            }}
          />
        </Panel>
        <Body title="Sent" text={log.request} />
        <Body title="Answered" text={log.response} />
      </Stack>
    </>
  );
}

/** JSON is set out in lines; whatever else as it is. */
function shown(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Body({ title, text }: { readonly title: string; readonly text: string }): ReactElement {
  return (
    <Panel title={title} isFlush>
      {text === '' ? (
        <Text c="dimmed" size="sm" px={20} pb={16}>
          Nothing
        </Text>
      ) : (
        <pre className="source" tabIndex={0} aria-label={title}>
          {shown(text)}
        </pre>
      )}
    </Panel>
  );
}
