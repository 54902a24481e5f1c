import { TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { WantedLogin } from '../../parts/endpoint-login.tsx';

export type Wanted = WantedLogin & { pattern: string; url: string; name: string };

type RouteFieldsProps = {
  readonly form: { readonly getInputProps: (name: 'pattern' | 'url' | 'name') => object };
};

export function RouteFields({ form }: RouteFieldsProps): ReactElement {
  return (
    <>
      <TextInput
        label="Pattern"
        description="Of what stands before the @, with * for anything: help, reply-*. The most exact one counts"
        placeholder="*"
        required
        {...form.getInputProps('pattern')}
      />
      <TextInput
        label="Address of the program"
        description="Each mail comes there by POST; any 2xx means that it has it"
        placeholder="https://shop.example.com/mail"
        required
        {...form.getInputProps('url')}
      />
      <TextInput label="Name" description="Of your own, if you like" {...form.getInputProps('name')} />
    </>
  );
}

/** As the calls take it. */
export function bodyOf({ pattern, url, name }: Wanted): { pattern: string; url: string; name?: string } {
  return {
    pattern: pattern.trim(),
    url: url.trim(),
    ...(name.trim() === '' ? {} : { name: name.trim() }),
  };
}
