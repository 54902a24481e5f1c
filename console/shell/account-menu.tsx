import {
  Avatar,
  Menu,
  SegmentedControl,
  Text,
  UnstyledButton,
  useMantineColorScheme,
  useMantineTheme,
} from '@mantine/core';
import type { MantineColorScheme } from '@mantine/core';
import type { ReactElement } from 'react';
import { logOut } from '../api/login.ts';
import { Icon } from '../parts/icon.tsx';
import { useLook } from './brand.ts';
import { facts } from './facts.ts';
import { useGoTo } from './location.ts';
import { useMe } from './me.ts';

const schemes = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'As the system' },
];

async function leave(): Promise<void> {
  await logOut();
  window.location.assign(`${facts.base}/login`);
}

const segmenter = new Intl.Segmenter();

function beginningOf(word: string, count: number): string {
  return Array.from(segmenter.segment(word), ({ segment }) => segment)
    .slice(0, count)
    .join('');
}

/** What stands for a name in a circle: of two words a letter each, else two. */
function initialsOf(name: string): string {
  const [first = '', second] = name.split(/\s+/).filter((word) => word !== '');
  const letters =
    second === undefined ? beginningOf(first, 2) : beginningOf(first, 1) + beginningOf(second, 1);
  return letters.toUpperCase();
}

export function AccountMenu(): ReactElement {
  const { user } = useMe();
  const { supportAddress } = useLook();
  const { primaryColor } = useMantineTheme();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const goTo = useGoTo();
  const name = user?.name === undefined || user.name === '' ? (user?.email ?? 'Nobody') : user.name;
  const initials = initialsOf(name);
  return (
    <Menu position="bottom-end" width={290}>
      <Menu.Target>
        <UnstyledButton aria-label={`Your menu, ${name}, ${initials}`}>
          <Avatar size={32} color={primaryColor}>
            {initials}
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--ink)" truncate>
            {name}
          </Text>
          <Text size="xs" truncate>
            {user?.email}
          </Text>
        </Menu.Label>
        <Menu.Item leftSection={<Icon name="person" size={16} />} onClick={() => goTo('profile')}>
          Your login
        </Menu.Item>
        <Menu.Item
          component="a"
          href={`${facts.base}/api/v1/reference`}
          target="_blank"
          leftSection={<Icon name="log" size={16} />}
        >
          API reference
        </Menu.Item>
        {supportAddress !== null && (
          <Menu.Item
            component="a"
            href={`mailto:${supportAddress}`}
            leftSection={<Icon name="mail" size={16} />}
          >
            Help: {supportAddress}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        <SegmentedControl
          mx={8}
          mb={6}
          size="xs"
          aria-label="Appearance"
          data={schemes}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as MantineColorScheme)}
        />
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="out" size={16} />} onClick={() => void leave()}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
