/** What can be set of the part that is chosen. An empty field is no attribute: MJML has a default for each. */
import { ColorInput, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { attributesOf, withAttribute } from './attributes.ts';
import { labelOf } from './drawing.ts';
import { isKind, kinds } from './kinds.ts';
import type { Field } from './kinds.ts';
import { withContent } from './tree.ts';
import type { Part } from './tree.ts';

type PropertiesProps = {
  readonly part: Part;
  /** False: the mail could not be read with it. */
  readonly replace: (part: Part) => boolean;
};

export function Properties({ part, replace }: PropertiesProps): ReactElement {
  const fields: readonly Field[] = part.form !== 'raw' && isKind(part.name) ? kinds[part.name].fields : [];
  const attributes = part.form === 'raw' ? {} : attributesOf(part.open);
  const set = (name: string, value: string): void => {
    if (part.form !== 'raw')
      replace({ ...part, open: withAttribute(part.open, name, value === '' ? null : value) });
  };
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600} role="status">
        {labelOf(part)}
      </Text>
      {part.form === 'raw' && (
        <Source label="Source" value={part.source} rows={10} set={(source) => replace({ ...part, source })} />
      )}
      {part.form === 'leaf' && hasContent.has(part.name) && (
        <Source
          label={part.name === 'mj-raw' ? 'Code' : 'Text, as HTML'}
          value={part.content}
          rows={part.name === 'mj-button' ? 2 : 6}
          set={(content) => replace(withContent(part, content))}
        />
      )}
      {fields.map((field) => (
        <Setting
          key={field.name}
          field={field}
          value={attributes[field.name] ?? ''}
          set={(value) => set(field.name, value)}
        />
      ))}
    </Stack>
  );
}

const hasContent: ReadonlySet<string> = new Set(['mj-text', 'mj-button', 'mj-raw', 'mj-social-element']);

type SourceProps = {
  readonly label: string;
  readonly value: string;
  readonly rows: number;
  readonly set: (value: string) => boolean;
};

function Source({ label, value, rows, set }: SourceProps): ReactElement {
  /** What is typed and cannot be taken over. */
  const [refused, setRefused] = useState<string | null>(null);
  return (
    <Textarea
      size="xs"
      label={label}
      classNames={{ input: 'code' }}
      rows={rows}
      spellCheck={false}
      value={refused ?? value}
      onChange={({ currentTarget: { value: typed } }) => setRefused(set(typed) ? null : typed)}
      error={refused === null ? null : 'The mail cannot be read with this: a tag or a block is not ended.'}
    />
  );
}

type SettingProps = {
  readonly field: Field;
  readonly value: string;
  readonly set: (value: string) => void;
};

const sides = [
  { value: '', label: 'Default' },
  { value: 'left', label: 'Left' },
  { value: 'center', label: 'Centre' },
  { value: 'right', label: 'Right' },
];

function Setting({ field: { label, input, name }, value, set }: SettingProps): ReactElement {
  if (input === 'colour')
    return (
      <ColorInput
        size="xs"
        label={label}
        placeholder="Default"
        fixOnBlur={false}
        withEyeDropper={false}
        popoverProps={{ withinPortal: true }}
        value={value}
        onChange={set}
      />
    );
  if (input === 'align')
    return (
      <div>
        <Text size="xs" fw={500} mb={2}>
          {label}
        </Text>
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label={label}
          data={sides.some((side) => side.value === value) ? sides : [...sides, { value, label: value }]}
          value={value}
          onChange={set}
        />
      </div>
    );
  return (
    <TextInput
      size="xs"
      label={label}
      placeholder={input === 'size' ? 'Default' : ''}
      classNames={input === 'address' ? { input: 'code' } : {}}
      description={name === 'padding' ? 'Such as 10px, or 10px 25px' : undefined}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}
