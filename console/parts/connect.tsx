import { Button, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { Reply } from '../api/client.ts';
import { useCaller } from '../api/hooks.ts';
import { ActButton } from './act-button.tsx';
import { act } from './confirm.tsx';
import { Copy } from './copy.tsx';
import { facts } from '../shell/facts.ts';
import { useWhyNotOn } from '../shell/me.ts';

type ConnectCall = 'GET /domains/{id}/connect' | 'GET /tracking-domains/{id}/connect';
type Offer = Reply<ConnectCall>;
type ConnectProps = {
  readonly call: ConnectCall;
  readonly of: { readonly id: string; readonly subaccountId: number };
};

/** Domain Connect: asks the DNS provider, and leads there when it sets the records by itself. */
export function Connect({ call, of: { id, subaccountId } }: ConnectProps): ReactElement {
  const caller = useCaller();
  const whyNot = useWhyNotOn(subaccountId);
  const [offer, setOffer] = useState<Offer | null>(null);
  const [isAsking, setAsking] = useState(false);
  const ask = async (): Promise<void> => {
    setAsking(true);
    await act(null, async () => setOffer(await caller(call, { path: { id } })));
    setAsking(false);
  };
  return (
    <>
      <ActButton variant="default" why={whyNot(call)} loading={isAsking} onClick={() => void ask()}>
        Set up by the provider
      </ActButton>
      <Modal opened={offer !== null} onClose={() => setOffer(null)} title="Automatic set-up">
        {offer !== null && <Answer offer={offer} />}
      </Modal>
    </>
  );
}

function Answer({ offer: { url, provider, zone, explain } }: { readonly offer: Offer }): ReactElement {
  if (url === null || !url.startsWith('https://')) {
    return (
      <Stack gap="sm">
        <Text size="sm" role="status">
          {explain}
        </Text>
        <Text size="sm" c="dimmed">
          Publish the records by hand, or forward them to whoever keeps the DNS.
        </Text>
      </Stack>
    );
  }
  // A view inside another product leads nowhere else.
  if (facts.embed !== null) {
    return (
      <Stack gap="sm">
        <Text size="sm" role="status">
          {provider} can set these records for {zone}. Open this address in a window of its own:
        </Text>
        <Copy value={url} name="the address" />
      </Stack>
    );
  }
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {provider} can set these records for {zone}. You log in there, see what will change, and agree.
      </Text>
      <Button component="a" href={url} target="_blank" rel="noreferrer" data-autofocus>
        Go on at {provider}
      </Button>
    </Stack>
  );
}
