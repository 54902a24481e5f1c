/**
 * Whose console this is: name, logo and colour. Before a login what the host says, behind it what the person's account or
 * subaccount shows; that is kept for the next start, so that no other name stands there while it is asked for again.
 */
import { useSyncExternalStore } from 'react';
import { doors } from '../api/early.ts';
import { readBrand } from '../api/login.ts';
import type { HostBrand } from '../api/login.ts';
import { defaultName } from '../../src/features/brands/rules.ts';
import { facts } from './facts.ts';

/** What the host says of the login stands only on the pages before it. */
export type Look = Omit<HostBrand, 'isBrandHost' | 'hasProvider'> &
  Partial<Pick<HostBrand, 'isBrandHost' | 'hasProvider'>>;

const plain: Look = { name: defaultName, color: null, supportAddress: null, logo: null };
const kept = 'lettershop-brand';

let current: Look = plain;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLook(): Look {
  return useSyncExternalStore(subscribe, () => current);
}

export function isPlain({ name, logo }: Look): boolean {
  return name === defaultName && logo === null;
}

function put(look: Look): void {
  current = look;
  const icon = document.querySelector('link[rel="icon"]');
  if (icon !== null && !isPlain(look))
    icon.setAttribute('href', look.logo === null ? 'data:,' : `${facts.base}${look.logo}`);
  for (const listener of listeners) listener();
}

/** What is shown from now on, and at the next start. */
export function show({ name, color, supportAddress, logo }: Look): void {
  const look = { name, color, supportAddress, logo };
  const text = JSON.stringify(look);
  const isSame = text === JSON.stringify({ ...current, isBrandHost: undefined, hasProvider: undefined });
  localStorage.setItem(kept, text);
  if (!isSame) put(look);
}

function readKept(): Look | null {
  try {
    const text = localStorage.getItem(kept);
    return text === null ? null : { ...plain, ...(JSON.parse(text) as Partial<Look>) };
  } catch {
    return null;
  }
}

/**
 * Before anything is drawn. A host that does not answer shows what everybody sees; behind the login nothing bears a name
 * before the account's is there.
 */
export async function firstLook(): Promise<void> {
  const isDoor = doors.test(window.location.pathname.slice(facts.base.length));
  put(isDoor ? await readBrand().catch(() => plain) : (readKept() ?? plain));
}
