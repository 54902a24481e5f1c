import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { Panel } from '../../parts/panel.tsx';
import { TrackingSwitches } from '../../parts/tracking-switches.tsx';
import { useMe, useWhyNot } from '../../shell/me.ts';

type DefaultsProps = { readonly subaccount: Reply<'GET /subaccounts/{id}'> };

/** What its mail gets that says nothing itself; the account's own subaccount says it for all. */
export function Defaults({ subaccount: { id, isOwn } }: DefaultsProps): ReactElement {
  const { reach } = useMe().current;
  const why = useWhyNot()('PUT /tracking-settings');
  const isShut = isOwn && reach !== 'account' ? 'Only who reaches the whole account may change it.' : null;
  const text = isOwn
    ? 'Of mail of the account, and of its subaccounts where they say nothing. A call, a template and a sending domain may say otherwise.'
    : 'Of its mail that says nothing itself, nor does its template or sending domain; as it comes: as the account says.';
  return (
    <Panel title="What its mail gets">
      <TrackingSwitches text={text} why={why ?? isShut} {...(isOwn ? {} : { of: id })} />
    </Panel>
  );
}
