/** What surrounds every page: menu, account, lens, appearance, commands. */
import { ActionIcon, Drawer, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation } from '@tanstack/react-router';
import { Suspense, useEffect, useLayoutEffect, useRef } from 'react';
import type { ReactElement } from 'react';
import { useRead } from '../api/hooks.ts';
import { Icon } from '../parts/icon.tsx';
import { AccountMenu } from './account-menu.tsx';
import { show, useLook } from './brand.ts';
import { Commands } from './commands.tsx';
import { LensPicker, LensStrip } from './lens-picker.tsx';
import { Mark } from './mark.tsx';
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

function Named(): ReactElement {
  const { name } = useLook();
  return (
    <Group gap={9} px={10} py={4} wrap="nowrap">
      <Mark size={24} />
      <Text fw={650} truncate>
        {name}
      </Text>
    </Group>
  );
}

function Frame(): ReactElement {
  const brand = useRead('GET /brand/shown', {});
  useLayoutEffect(() => show(brand), [brand]);
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
          <Named />
          <Menu />
        </nav>
        <Drawer
          opened={isOpen}
          onClose={drawer.close}
          title={<Named />}
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
