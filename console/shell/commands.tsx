/** Ctrl+K: any page by its name, without the mouse. */
import { ActionIcon, Modal, NavLink, TextInput } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import { Icon } from '../parts/icon.tsx';
import { pages } from '../pages.ts';
import type { PageAbout } from '../pages.ts';
import { keepLens } from './location.ts';
import { maySee, useMe } from './me.ts';

const reachable: readonly PageAbout[] = pages.filter(({ path }) => !path.includes('$'));

export function Commands(): ReactElement {
  const me = useMe();
  const navigate = useNavigate();
  const [isOpen, dialogue] = useDisclosure();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  useHotkeys([['mod+K', dialogue.open]], []);
  const found = reachable.filter(
    (page) => maySee(me, page) && page.title.toLowerCase().includes(text.toLowerCase()),
  );
  const go = (page: PageAbout | undefined): void => {
    if (page === undefined) return;
    dialogue.close();
    setText('');
    void navigate({ to: page.path, search: keepLens } as never);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter') go(found[at]);
    if (step === undefined) return;
    event.preventDefault();
    setAt((before) => Math.max(0, Math.min(found.length - 1, before + step)));
  };
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Go to a page"
        data-hint="Go to a page (Ctrl+K)"
        onClick={dialogue.open}
      >
        <Icon name="search" />
      </ActionIcon>
      <Modal opened={isOpen} onClose={dialogue.close} title="Go to a page" yOffset="12vh" centered={false}>
        <TextInput
          data-autofocus
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          placeholder="Name of a page"
          aria-label="Name of a page"
          mb="xs"
        />
        {found.map((page, index) => (
          <NavLink
            key={page.name}
            component="button"
            active={index === at}
            label={page.title}
            leftSection={<Icon name={page.menu?.icon ?? 'chevron'} size={16} />}
            onClick={() => go(page)}
          />
        ))}
      </Modal>
    </>
  );
}
