/** How our requests log in at an address of a tenant's: the part of a form that webhooks and inbound routes share. */
import { PasswordInput, Select, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Input } from '../api/client.ts';

export type Auth = NonNullable<Input<'POST /webhooks'>['body']['auth']>;

/** What the form holds of it: the logins that it offers, others are made by the API; "keep" leaves one as it is. */
export type WantedLogin = {
  auth: 'keep' | 'none' | 'basic' | 'bearer' | 'header';
  authName: string;
  authSecret: string;
};

/** From the server's fields to the form's. */
export const loginNames = {
  'auth.user': 'authName',
  'auth.name': 'authName',
  'auth.password': 'authSecret',
  'auth.token': 'authSecret',
  'auth.value': 'authSecret',
};

type LoginFieldsProps = {
  readonly form: {
    readonly getInputProps: (name: keyof WantedLogin) => object;
    readonly getValues: () => WantedLogin;
  };
  readonly mayKeep: boolean;
};

const logins = [
  { value: 'none', label: 'none; the signature is enough' },
  { value: 'basic', label: 'user and password' },
  { value: 'bearer', label: 'a bearer token' },
  { value: 'header', label: 'a header' },
] as const;

export function LoginFields({ form, mayKeep }: LoginFieldsProps): ReactElement {
  const { auth } = form.getValues();
  const secret = { basic: 'Password', bearer: 'Token', header: 'Value' };
  const isAsked = auth !== 'keep' && auth !== 'none';
  return (
    <>
      <Select
        label="Login at the address"
        allowDeselect={false}
        data={[...(mayKeep ? [{ value: 'keep', label: 'as it is' }] : []), ...logins]}
        {...form.getInputProps('auth')}
      />
      {(auth === 'basic' || auth === 'header') && (
        <TextInput
          label={auth === 'basic' ? 'User' : 'Name of the header'}
          required
          {...form.getInputProps('authName')}
        />
      )}
      {isAsked && (
        <PasswordInput
          label={secret[auth]}
          required
          autoComplete="new-password"
          {...form.getInputProps('authSecret')}
        />
      )}
    </>
  );
}

/** As the calls take it; null: it stays as it is. */
export function authOf({ auth, authName, authSecret }: WantedLogin): Auth | null {
  if (auth === 'keep') return null;
  if (auth === 'none') return { kind: auth };
  if (auth === 'bearer') return { kind: auth, token: authSecret };
  return auth === 'basic'
    ? { kind: auth, user: authName, password: authSecret }
    : { kind: auth, name: authName, value: authSecret };
}
