import type { ReactElement } from 'react';
import { mayLift } from '../../../src/features/suspensions/rules.ts';
import type { Item } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { act, confirm } from '../../parts/confirm.tsx';
import { useMe, useWhyNot } from '../../shell/me.ts';
import { authorityTexts, kindTexts } from './words.ts';

export type Suspension = Item<'GET /suspensions'>;

export function Lift({ of: { id, kind, value, authority } }: { readonly of: Suspension }): ReactElement {
  const remove = useChange('DELETE /suspensions/{id}');
  const whyNot = useWhyNot();
  const { current } = useMe();
  const by = current.reach === 'account' ? 'parent' : 'subaccount';
  const kept = mayLift(by, authority) ? null : `It was set by ${authorityTexts[authority]}, who lifts it.`;
  const run = async (): Promise<void> => {
    const text = 'What it held leaves, in order.';
    const name =
      kind === 'pool' ? kindTexts[kind] : `${kindTexts[kind].replace(/^(to|with) a /, '$1 ')} ${value}`;
    if (!(await confirm({ title: `Let mail ${name} go?`, text, action: 'Lift it' }))) return;
    await act('Lifted: its mail leaves', () => remove.run({ path: { id } }));
  };
  return (
    <ActButton
      size="compact-xs"
      variant="default"
      why={whyNot('DELETE /suspensions/{id}') ?? kept}
      loading={remove.isRunning}
      onClick={() => void run()}
    >
      Lift
    </ActButton>
  );
}
