import { Code } from '@mantine/core';
import type { ReactElement } from 'react';
import { logInByLink } from '../api/login.ts';
import { useParam } from '../shell/location.ts';
import { Door, DoorForm, enter, ToLogin } from './door.tsx';

/** A link scanner that opens this page uses nothing up: only the button does. */
export function Page(): ReactElement {
  const token = useParam('token');
  if (token === 'refused') {
    return (
      <Door
        title="Not logged in"
        text="The provider did not log you in: it must know your address as verified, and the address must have access here."
      >
        <ToLogin />
      </Door>
    );
  }
  const send = async (): Promise<void> => {
    await logInByLink(token);
    enter();
  };
  return (
    <Door
      title="One-time login"
      text={
        <>
          This link works once. Another is made by <Code>npm run lettershop -- login-link</Code>
        </>
      }
    >
      <DoorForm action="Log in" send={send} />
      <ToLogin />
    </Door>
  );
}
