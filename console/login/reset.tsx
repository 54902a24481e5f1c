import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { resetPassword } from '../api/login.ts';
import { useParam } from '../shell/location.ts';
import { Door, DoorForm, ToLogin } from './door.tsx';

export function Page(): ReactElement {
  const token = useParam('token');
  const [password, setPassword] = useState('');
  const [isSet, setIsSet] = useState(false);
  const send = async (): Promise<void> => {
    await resetPassword(token, password);
    setIsSet(true);
  };
  if (isSet) {
    return (
      <Door title="Your new password is set" text="All sessions that were open have ended.">
        <ToLogin />
      </Door>
    );
  }
  return (
    <Door title="Set a new password">
      <DoorForm action="Set it" send={send}>
        <PasswordInput
          label="New password"
          autoComplete="new-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </DoorForm>
    </Door>
  );
}
