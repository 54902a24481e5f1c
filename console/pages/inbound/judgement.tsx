import { Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { Facts } from '../../parts/facts.tsx';
import { State } from '../../parts/state.tsx';

type Authentication = Reply<'GET /inbound-mails/{id}'>['authentication'];

/** What SPF, DKIM and DMARC said when it came: whether it is from whom it says. */
export function Judgement({ of: judged }: { readonly of: Authentication }): ReactElement {
  if (judged === null) {
    return (
      <Text size="sm" c="dimmed">
        It was not looked at yet: that is done before it is handed over.
      </Text>
    );
  }
  const { spf, dkim, dmarc } = judged;
  const signed = dkim.map(({ result, domain, selector }) => (
    <div key={`${domain} ${selector} ${result}`}>
      <One result={result} text={[domain, selector === '' ? '' : `selector ${selector}`]} />
    </div>
  ));
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {sumOf(dmarc.result)}
      </Text>
      <Facts
        of={{
          DMARC: (
            <One
              result={dmarc.result}
              text={[dmarc.domain, dmarc.policy === '' ? '' : `its policy is ${dmarc.policy}`]}
            />
          ),
          SPF: <One result={spf.result} text={[spf.domain, spf.detail]} />,
          DKIM: signed.length === 0 ? <One result="none" text={['no signature']} /> : signed,
        }}
      />
    </>
  );
}

function sumOf(result: string): string {
  if (result === 'pass') return 'The domain that it shows as its sender stands behind it.';
  if (result === 'fail') return 'It is not from the domain that it shows as its sender, or came by a detour.';
  return 'The domain that it shows as its sender says nothing about who may use its name.';
}

type OneProps = { readonly result: string; readonly text: readonly string[] };

function One({ result, text }: OneProps): ReactElement {
  return (
    <>
      <State name={result} />{' '}
      <Text span c="dimmed" size="sm">
        {text.filter((part) => part !== '').join(', ')}
      </Text>
    </>
  );
}
