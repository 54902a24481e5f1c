import { Textarea, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';

export type BoundsText = { readonly domainLimit: string; readonly allowedAddresses: string };

type BoundsProps = { readonly form: { getInputProps: (name: keyof BoundsText) => object } };

/** Where a key may be used from and for: the same two fields for all kinds of it. */
export function Bounds({ form }: BoundsProps): ReactElement {
  return (
    <>
      <TextInput
        label="Only from this domain"
        description="Mail of other domains is refused, subdomains of it are taken; empty for all"
        {...form.getInputProps('domainLimit')}
      />
      <Textarea
        label="Only from these addresses"
        description="IP addresses or networks, one a line; empty for all"
        autosize
        minRows={1}
        {...form.getInputProps('allowedAddresses')}
      />
    </>
  );
}

export function boundsOf({ domainLimit, allowedAddresses }: BoundsText): {
  readonly domainLimit?: string;
  readonly allowedAddresses: readonly string[];
} {
  return {
    ...(domainLimit.trim() === '' ? {} : { domainLimit: domainLimit.trim() }),
    allowedAddresses: addressesOf(allowedAddresses),
  };
}

export function addressesOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((each) => each !== '');
}
