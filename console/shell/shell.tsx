/** What surrounds every page: menu, account, lens, appearance, commands. */
import { ActionIcon, Drawer, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation } from '@tanstack/react-router';
import { Suspense, useEffect, useRef } from 'react';
import type { ReactElement } from 'react';
import { Icon } from '../parts/icon.tsx';
import { AccountMenu } from './account-menu.tsx';
import { Commands } from './commands.tsx';
import { LensPicker, LensStrip } from './lens-picker.tsx';
import { Menu } from './menu.tsx';
import { PageWait } from './states.tsx';

export function Shell(): ReactElement {
  return (
    <Suspense
      fallback={
        <div className="content">
          <PageWait />
        </div>
      }
    >
      <Frame />
    </Suspense>
  );
}

function Mark(): ReactElement {
  return (
    <Group gap={9} px={10} py={4} wrap="nowrap">
      <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden>
        <rect width="32" height="32" rx="8" fill="#1c1b22" />
        <path d="M7 10h18v12H7z" fill="none" stroke="#fff" strokeWidth="2" strokeLinejoin="round" />
        <path d="m7 11 9 7 9-7" fill="none" stroke="#ff6a3d" strokeWidth="2.4" strokeLinecap="round" />
      </svg>
      <Text fw={650}>Lettershop</Text>
    </Group>
  );
}

function Frame(): ReactElement {
  const [isOpen, drawer] = useDisclosure();
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const seen = useRef(pathname);
  // A new page begins at its content, for the keyboard and for screen readers.
  useEffect(() => {
    if (seen.current === pathname) return;
    seen.current = pathname;
    drawer.close();
    main.current?.focus({ preventScroll: true });
  }, [pathname, drawer]);
  return (
    <>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <div className="frame">
        <nav className="side" aria-label="Pages">
          <Mark />
          <Menu />
        </nav>
        <Drawer
          opened={isOpen}
          onClose={drawer.close}
          title={<Mark />}
          size={280}
          closeButtonProps={{ 'aria-label': 'Close the menu' }}
        >
          <nav aria-label="Pages">
            <Menu />
          </nav>
        </Drawer>
        <div className="main">
          <header className="bar">
            <ActionIcon
              className="only-narrow"
              variant="subtle"
              color="gray"
              aria-label="Open the menu"
              onClick={drawer.open}
            >
              <Icon name="menu" />
            </ActionIcon>
            <LensPicker />
            <Group gap={6} ml="auto" wrap="nowrap">
              <Commands />
              <AccountMenu />
            </Group>
          </header>
          <LensStrip />
          <main className="content" id="content" tabIndex={-1} ref={main}>
            <Outlet />
          </main>
        </div>
      </div>
    </>
  );
}
