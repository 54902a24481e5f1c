import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { askReset } from '../api/login.ts';
import { Door, DoorForm, ToLogin } from './door.tsx';

export function Page(): ReactElement {
  const [email, setEmail] = useState('');
  const [isAsked, setAsked] = useState(false);
  const send = async (): Promise<void> => {
    await askReset(email);
    setAsked(true);
  };
  if (isAsked) {
    return (
      <Door
        title="Look into your mailbox"
        text="If this address has a login, a mail with a link is on its way. It is good for half an hour."
      >
        <ToLogin />
      </Door>
    );
  }
  return (
    <Door title="Set a new password" text="We mail you a link by which you set it.">
      <DoorForm action="Mail me a link" send={send}>
        <TextInput
          label="Address"
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
      </DoorForm>
      <ToLogin />
    </Door>
  );
}
