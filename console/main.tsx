/** The entry: styles, then the application. */
import './shell/nonce.ts';
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './shell/style.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { makeQueries } from './api/queries.ts';
import { makeRouter } from './routes.tsx';
import { ConfirmPlace } from './parts/confirm.tsx';
import { facts } from './shell/facts.ts';
import { theme } from './shell/theme.ts';
import { openView, unkeptScheme, View } from './shell/view.tsx';

const place = document.getElementById('root');
if (place === null) throw new Error('index.html has no place for the console');
const { embed } = facts;
if (embed !== null) void openView(embed.path);
const scheme = embed === null ? {} : { colorSchemeManager: unkeptScheme };
const pages = <RouterProvider router={makeRouter()} />;
createRoot(place).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme={embed?.theme ?? 'auto'}
      getStyleNonce={() => facts.nonce}
      {...scheme}
    >
      <QueryClientProvider client={makeQueries()}>
        <Notifications position="bottom-right" limit={4} />
        <ConfirmPlace />
        {embed === null ? pages : <View>{pages}</View>}
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
