import { PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { acceptInvitation, logIn, readInvitation } from '../api/login.ts';
import type { Offer } from '../api/login.ts';
import { useParam } from '../shell/location.ts';
import { Door, DoorForm, enter, ToLogin } from './door.tsx';

export function Page(): ReactElement | null {
  const token = useParam('token');
  const offer = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => readInvitation(token),
    retry: false,
  });
  if (offer.isPending) return null;
  if (offer.isError) {
    return (
      <Door
        title="This invitation is over"
        text="It was accepted, revoked, sent anew or is too old. Ask whoever invited you for another."
      >
        <ToLogin />
      </Door>
    );
  }
  return <Accept token={token} offer={offer.data} />;
}

function Accept({ token, offer }: { readonly token: string; readonly offer: Offer }): ReactElement {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [isIn, setIsIn] = useState(false);
  const send = async (): Promise<void> => {
    await acceptInvitation(token, name, password);
    if (!offer.needsPassword) return setIsIn(true);
    await logIn(offer.email, password);
    return enter();
  };
  if (isIn) {
    return (
      <Door title="You are in" text={`${offer.accountName} is among your accounts now.`}>
        <ToLogin />
      </Door>
    );
  }
  return (
    <Door
      title={`Join ${offer.accountName}`}
      text={
        <>
          The account <b>{offer.accountName}</b> invites <b>{offer.email}</b>.
        </>
      }
    >
      <DoorForm action="Accept" send={send}>
        {offer.needsPassword && (
          <>
            <TextInput
              label="Your name"
              autoComplete="name"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <PasswordInput
              label="Password"
              autoComplete="new-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          </>
        )}
      </DoorForm>
    </Door>
  );
}
