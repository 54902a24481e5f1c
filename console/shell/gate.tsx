import { Suspense, useEffect } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { grantOfCall } from '../api/calls.ts';
import type { PageAbout } from '../pages.ts';
import { useLook } from './brand.ts';
import { mayCall, maySee, useMe } from './me.ts';
import { NotGranted, PageWait } from './states.tsx';

/** Shows a page to whom it is open, and says to others why not; the window's title follows. */
export function Gate({
  about,
  children,
}: {
  readonly about: PageAbout;
  readonly children: ReactNode;
}): ReactElement {
  const me = useMe();
  const { name } = useLook();
  useEffect(() => {
    document.title = `${about.title} · ${name}`;
  }, [about.title, name]);
  if (!maySee(me, about)) {
    return (
      <NotGranted title={about.title} grant={mayCall(me, about.reads) ? null : grantOfCall[about.reads]} />
    );
  }
  return <Suspense fallback={<PageWait />}>{children}</Suspense>;
}
