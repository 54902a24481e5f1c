import type { PageAbout } from './about.ts';

export const receiving = [
  {
    name: 'inbound-mails',
    path: '/inbound-mails',
    title: 'Received mail',
    reads: 'GET /inbound-mails',
    menu: { group: 'Receiving', icon: 'receive' },
  },
  {
    name: 'inbound-mail',
    path: '/inbound-mails/$id',
    title: 'Received message',
    reads: 'GET /inbound-mails/{id}',
    under: 'inbound-mails',
  },
  {
    name: 'inbound-domains',
    path: '/inbound-domains',
    title: 'Inbound domains',
    reads: 'GET /inbound-domains',
    menu: { group: 'Receiving', icon: 'globe' },
  },
  {
    name: 'inbound-domain',
    path: '/inbound-domains/$id',
    title: 'Inbound domain',
    reads: 'GET /inbound-domains/{id}',
    under: 'inbound-domains',
  },
  {
    name: 'inbound-routes',
    path: '/inbound-routes',
    title: 'Inbound routes',
    reads: 'GET /inbound-routes',
    menu: { group: 'Receiving', icon: 'fork' },
  },
  {
    name: 'inbound-route',
    path: '/inbound-routes/$id',
    title: 'Inbound route',
    reads: 'GET /inbound-routes/{id}',
    under: 'inbound-routes',
  },
] as const satisfies readonly PageAbout[];
