import { createTheme, MantineProvider, mergeThemeOverrides } from '@mantine/core';
import type { MantineColorsTuple } from '@mantine/core';
import { useMemo } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { shadesOf } from '../../src/features/brands/rules.ts';
import { useLook } from './brand.ts';
import { facts } from './facts.ts';
import { theme } from './theme.ts';
import { unkeptScheme } from './view.tsx';

/** The colours of the brand, light and dark. */
export function Dress({ children }: { readonly children: ReactNode }): ReactElement {
  const { color } = useLook();
  const worn = useMemo(() => {
    if (color === null) return theme;
    const brand = shadesOf(color) as unknown as MantineColorsTuple;
    return mergeThemeOverrides(theme, createTheme({ primaryColor: 'brand', colors: { brand } }));
  }, [color]);
  return (
    <MantineProvider
      theme={worn}
      defaultColorScheme={facts.embed?.theme ?? 'auto'}
      getStyleNonce={() => facts.nonce}
      {...(facts.embed === null ? {} : { colorSchemeManager: unkeptScheme })}
    >
      {children}
    </MantineProvider>
  );
}
