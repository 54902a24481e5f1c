/** The words by which templates and snippets are found together. */
import { Badge, TagsInput } from '@mantine/core';
import type { TagsInputProps } from '@mantine/core';
import type { ReactElement } from 'react';

export const labelsMax = 10;

/** In a row of a list: what does not fit is cut off there, and whole as its title. */
export function Labels({ of }: { readonly of: readonly string[] }): ReactElement {
  if (of.length === 0) return <>–</>;
  return (
    <span title={of.join(', ')}>
      {of.map((label) => (
        <Badge key={label} variant="default" tt="none" fw={500} mr={4}>
          {label}
        </Badge>
      ))}
    </span>
  );
}

export function LabelsInput(
  props: Pick<TagsInputProps, 'value' | 'onChange' | 'error' | 'readOnly'>,
): ReactElement {
  return (
    <TagsInput
      label="Labels"
      description={`Up to ${labelsMax} words; the list is narrowed by them`}
      maxTags={labelsMax}
      {...props}
    />
  );
}
