import type { PageAbout } from './about.ts';

export const account = [
  {
    name: 'subaccounts',
    path: '/subaccounts',
    title: 'Subaccounts',
    reads: 'GET /subaccounts',
    menu: { group: 'Account', icon: 'tenants' },
    isOfAccount: true,
  },
  {
    name: 'subaccount',
    path: '/subaccounts/$id',
    title: 'Subaccount',
    reads: 'GET /subaccounts/{id}',
    under: 'subaccounts',
  },
  {
    name: 'quota',
    path: '/quota',
    title: 'Quota',
    reads: 'GET /quota',
    menu: { group: 'Account', icon: 'gauge' },
  },
  {
    name: 'pools',
    path: '/pools',
    title: 'Pools',
    reads: 'GET /pools',
    menu: { group: 'Account', icon: 'pool' },
    isOfAccount: true,
  },
  {
    name: 'pool',
    path: '/pools/$id',
    title: 'Pool',
    reads: 'GET /pools/{id}',
    under: 'pools',
    isOfAccount: true,
  },
  {
    name: 'people',
    path: '/people',
    title: 'People',
    reads: 'GET /users',
    menu: { group: 'Account', icon: 'people' },
  },
  {
    name: 'person',
    path: '/people/$id',
    title: 'Person',
    reads: 'GET /users/{id}',
    under: 'people',
  },
  {
    name: 'brand',
    path: '/brand',
    title: 'Brand',
    reads: 'GET /brand',
    menu: { group: 'Account', icon: 'star' },
  },
  {
    name: 'profile',
    path: '/profile',
    title: 'Your login',
    reads: 'GET /me',
  },
] as const satisfies readonly PageAbout[];
