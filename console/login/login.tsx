import { Anchor, Button, Divider, PasswordInput, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { giveCode, logIn, logInByPasskey } from '../api/login.ts';
import { useLook } from '../shell/brand.ts';
import { facts } from '../shell/facts.ts';
import { Door, DoorForm, enter } from './door.tsx';

export function Page(): ReactElement {
  const [step, setStep] = useState<'password' | 'code'>('password');
  return step === 'password' ? <Password onCode={() => setStep('code')} /> : <Code />;
}

function Password({ onCode }: { readonly onCode: () => void }): ReactElement {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const send = async (): Promise<void> => {
    const next = await logIn(email, password);
    if (next === 'done') enter();
    else onCode();
  };
  return (
    <Door title="Log in">
      <DoorForm action="Log in" send={send}>
        <TextInput
          label="Address"
          type="email"
          autoComplete="username webauthn"
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </DoorForm>
      <OtherWays />
      <Anchor component={Link} to="/reset" size="sm">
        Set a new password
      </Anchor>
    </Door>
  );
}

function OtherWays(): ReactElement {
  const { hasProvider } = useLook();
  return (
    <>
      <Divider label="or" />
      <PasskeyForm />
      {hasProvider === true && (
        <Button component="a" href={`${facts.base}/api/auth/oidc/start`} variant="default" fullWidth>
          Log in by your organisation
        </Button>
      )}
    </>
  );
}

function PasskeyForm(): ReactElement {
  const [fault, setFault] = useState('');
  const start = async (): Promise<void> => {
    try {
      await logInByPasskey();
      enter();
    } catch {
      setFault('No passkey was accepted. Try again, or use your password.');
    }
  };
  return (
    <>
      <Button variant="default" fullWidth onClick={() => void start()}>
        Log in with a passkey
      </Button>
      {fault !== '' && <div role="alert">{fault}</div>}
    </>
  );
}

function Code(): ReactElement {
  const [code, setCode] = useState('');
  const send = async (): Promise<void> => {
    await giveCode(code.trim());
    enter();
  };
  return (
    <Door title="Second step" text="The code of your authenticator, or one of your backup codes.">
      <DoorForm action="Go on" send={send}>
        <TextInput
          label="Code"
          autoComplete="one-time-code"
          required
          data-autofocus
          autoFocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
      </DoorForm>
    </Door>
  );
}
