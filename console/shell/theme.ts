import { createTheme } from '@mantine/core';
import type { ButtonProps, MantineColorsTuple } from '@mantine/core';
import { ember, luminanceThreshold, primaryShade } from './accent.ts';

const dark: MantineColorsTuple = [
  '#e9e8ee',
  '#b9b7c3',
  '#94919f',
  '#62606d',
  '#3a3943',
  '#2c2b34',
  '#211f28',
  '#17161c',
  '#121116',
  '#0c0b0f',
];

/** Mantine draws the head of a dialogue as a `header`: a second banner, to which the page's own is the only one. */
const headIsNoBanner = { header: { role: 'presentation' } };

/** One accent, small radii, a dense scale: what is looked at all day. */
export const theme = createTheme({
  primaryColor: 'ember',
  primaryShade,
  autoContrast: true,
  luminanceThreshold,
  colors: { ember, dark },
  defaultRadius: 'md',
  fontFamily: 'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, "JetBrains Mono", Menlo, Consolas, monospace',
  fontSizes: { xs: '0.75rem', sm: '0.84rem', md: '0.94rem', lg: '1.06rem', xl: '1.25rem' },
  headings: { fontWeight: '620' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: {
      defaultProps: { size: 'sm' },
      // Mantine picks the text by the shade of the light scheme; this is of the scheme that is shown.
      vars: (_theme: unknown, { variant = 'filled', color }: ButtonProps) => ({
        root:
          variant === 'filled' && color === undefined
            ? { '--button-color': 'var(--mantine-primary-color-contrast)' }
            : {},
      }),
    },
    // Within a text, its colour alone does not tell a link from the words around it (WCAG 1.4.1).
    Anchor: { defaultProps: { underline: 'always' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Drawer: { defaultProps: { attributes: headIsNoBanner } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close this notice' } } },
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
        attributes: headIsNoBanner,
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
    PasswordInput: {
      defaultProps: { visibilityToggleButtonProps: { 'aria-label': 'Show or hide what is typed' } },
    },
    Tooltip: {
      defaultProps: {
        withArrow: true,
        multiline: true,
        maw: 320,
        events: { hover: true, focus: true, touch: true },
      },
    },
  },
});
