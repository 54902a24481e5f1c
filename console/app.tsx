/** The application. */
import './shell/nonce.ts';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { makeQueries } from './api/queries.ts';
import { makeRouter } from './routes.tsx';
import { ConfirmPlace } from './parts/confirm.tsx';
import { Hints } from './parts/hints.tsx';
import { firstLook } from './shell/brand.ts';
import { Dress } from './shell/dress.tsx';
import { facts } from './shell/facts.ts';
import { openView, View } from './shell/view.tsx';

const place = document.getElementById('root');
if (place === null) throw new Error('index.html has no place for the console');
const { embed } = facts;
// A view wears no brand of the host's: it stands in a page of another product.
if (embed === null) await firstLook();
else void openView(embed.path);
const queries = makeQueries();
const router = makeRouter(queries);
// The page that is asked for is brought while the shell is drawn; a view has nobody to ask as before it is opened.
if (embed === null) void router.load();
const pages = <RouterProvider router={router} />;
createRoot(place).render(
  <StrictMode>
    <Dress>
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" limit={4} />
        <ConfirmPlace />
        <Hints />
        {embed === null ? pages : <View>{pages}</View>}
      </QueryClientProvider>
    </Dress>
  </StrictMode>,
);
