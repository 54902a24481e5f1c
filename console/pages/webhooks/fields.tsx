import { MultiSelect, NumberInput, PasswordInput, Select, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { eventKindTable } from '../../../src/features/events/kinds.ts';
import type { Input } from '../../api/client.ts';

type Body = Input<'POST /webhooks'>['body'];
export type Auth = NonNullable<Body['auth']>;
export type Kinds = NonNullable<Body['kinds']>;

/** The logins that the form offers; others are made by the API, and kept. */
type Login = 'none' | 'basic' | 'bearer' | 'header';

/** What the form holds; `auth` "keep" leaves a login as it is. */
export type Wanted = {
  name: string;
  url: string;
  kinds: string[];
  batchMax: number | string;
  auth: 'keep' | Login;
  authName: string;
  authSecret: string;
};

/** From the server's fields to the form's. */
export const names = {
  'auth.user': 'authName',
  'auth.name': 'authName',
  'auth.password': 'authSecret',
  'auth.token': 'authSecret',
  'auth.value': 'authSecret',
};

const kinds = Object.entries(eventKindTable).flatMap(([kind, about]) => ('awaits' in about ? [] : [kind]));

/** Event kinds under the noun that they are of. */
const kindGroups = [...new Set(kinds.map((kind) => kind.split('.')[0] ?? ''))].map((group) => ({
  group,
  items: kinds.filter((kind) => kind.startsWith(`${group}.`)),
}));

type FormProps = {
  readonly form: {
    readonly getInputProps: (name: keyof Wanted) => object;
    readonly getValues: () => Wanted;
  };
};

export function WebhookFields({ form }: FormProps): ReactElement {
  return (
    <>
      <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
      <TextInput
        label="Address"
        description="It takes JSON by POST; any 2xx means that it has it"
        placeholder="https://shop.example.com/mail-events"
        required
        {...form.getInputProps('url')}
      />
      <MultiSelect
        label="Kinds of events"
        placeholder={form.getValues().kinds.length === 0 ? 'every kind' : ''}
        data={kindGroups}
        searchable
        clearable
        hidePickedOptions
        {...form.getInputProps('kinds')}
      />
      <NumberInput
        label="Events per request at most"
        placeholder="500"
        min={1}
        max={1000}
        allowDecimal={false}
        {...form.getInputProps('batchMax')}
      />
    </>
  );
}

const logins = [
  { value: 'none', label: 'none; the signature is enough' },
  { value: 'basic', label: 'user and password' },
  { value: 'bearer', label: 'a bearer token' },
  { value: 'header', label: 'a header' },
] as const;

export function AuthFields({ form, mayKeep }: FormProps & { readonly mayKeep: boolean }): ReactElement {
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

export function authOf({ auth, authName, authSecret }: Wanted): Auth | null {
  if (auth === 'keep') return null;
  if (auth === 'none') return { kind: auth };
  if (auth === 'bearer') return { kind: auth, token: authSecret };
  return auth === 'basic'
    ? { kind: auth, user: authName, password: authSecret }
    : { kind: auth, name: authName, value: authSecret };
}

/** As the calls take it. The form offers kinds of the list and nothing else. */
export function bodyOf(wanted: Wanted): Pick<Body, 'name' | 'url' | 'batchMax'> & { kinds: Kinds | null } {
  return {
    name: wanted.name.trim(),
    url: wanted.url.trim(),
    kinds: wanted.kinds.length === 0 ? null : (wanted.kinds as unknown as Kinds),
    ...(wanted.batchMax === '' ? {} : { batchMax: Number(wanted.batchMax) }),
  };
}
