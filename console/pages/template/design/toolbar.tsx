/** Acts on the words of the chosen part: those that are selected in it, or all of them. */
import { Button, Group, Popover, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { MouseEvent, ReactElement, ReactNode, RefObject } from 'react';
import { ActButton } from '../../../parts/act-button.tsx';
import type { Designer } from './editor.ts';
import type { Words } from './words.ts';

type ToolbarProps = {
  readonly made: Designer | null;
  readonly words: Words | null;
  readonly isLinking: boolean;
  readonly setLinking: (isOpen: boolean) => void;
  readonly writeButton: RefObject<HTMLButtonElement | null>;
  readonly children: ReactNode;
};

/** What is selected in the text stays so while a button is pressed. */
const keepFocus = (event: MouseEvent): void => event.preventDefault();

const look = { size: 'compact-xs', variant: 'default' } as const;

export function Toolbar(props: ToolbarProps): ReactElement {
  const { made, words, writeButton, children } = props;
  const why = words === null ? 'Choose a text or a button first.' : null;
  return (
    <Group gap={6} mb={8} role="group" aria-label="Words">
      <ActButton {...look} ref={writeButton} why={why} onClick={() => made?.write()}>
        Write
      </ActButton>
      <ActButton
        {...look}
        why={why}
        aria-pressed={words?.isBold === true}
        aria-keyshortcuts="Control+B"
        onMouseDown={keepFocus}
        onClick={() => made?.style('bold')}
      >
        <b>Bold</b>
      </ActButton>
      <ActButton
        {...look}
        why={why}
        aria-pressed={words?.isItalic === true}
        aria-keyshortcuts="Control+I"
        onMouseDown={keepFocus}
        onClick={() => made?.style('italic')}
      >
        <i>Italic</i>
      </ActButton>
      <Link {...props} why={why} />
      {children}
      <Text size="xs" c="dimmed">
        {words === null
          ? 'A double click in a text writes in it.'
          : words.isChosen
            ? 'Of the chosen words.'
            : 'Without chosen words all of the text is meant.'}
      </Text>
    </Group>
  );
}

function Link({
  made,
  words,
  isLinking,
  setLinking,
  why,
}: ToolbarProps & { readonly why: string | null }): ReactElement {
  const put = (href: string | null): void => {
    made?.link(href);
    setLinking(false);
  };
  return (
    <Popover
      opened={isLinking && words !== null}
      onChange={setLinking}
      position="bottom-start"
      width={340}
      trapFocus
      returnFocus
      withRoles={false}
      shadow="md"
    >
      <Popover.Target>
        <span>
          <ActButton
            {...look}
            why={why}
            aria-pressed={(words?.href ?? null) !== null}
            aria-keyshortcuts="Control+K"
            onClick={() => setLinking(!isLinking)}
          >
            Link
          </ActButton>
        </span>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label="Link">
        <Address known={words?.href ?? null} put={put} />
      </Popover.Dropdown>
    </Popover>
  );
}

type AddressProps = { readonly known: string | null; readonly put: (href: string | null) => void };

function Address({ known, put }: AddressProps): ReactElement {
  const [href, setHref] = useState(known ?? 'https://');
  const isEmpty = ['', 'https://'].includes(href.trim());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // Not that of the template, around it.
        event.stopPropagation();
        if (!isEmpty) put(href.trim());
      }}
    >
      <Stack gap="xs">
        <TextInput
          size="xs"
          label="It leads to"
          description="An address, or a mark such as {{ url }}"
          classNames={{ input: 'code' }}
          spellCheck={false}
          data-autofocus
          value={href}
          onChange={(event) => setHref(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="xs">
          {known !== null && (
            <Button size="compact-xs" variant="default" onClick={() => put(null)}>
              No link
            </Button>
          )}
          <Button size="compact-xs" type="submit" disabled={isEmpty}>
            Set the link
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
