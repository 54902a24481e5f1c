import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { pages, pathTo } from '../pages.ts';
import type { PageAbout, PageName, Params } from '../pages.ts';
import { isInView } from '../shell/in-view.ts';
import { keepLens } from '../shell/location.ts';
import { maySee, useMe } from '../shell/me.ts';

type PageLinkProps<N extends PageName> = {
  readonly to: N;
  readonly params?: Params<N>[0];
  readonly search?: Readonly<Record<string, string>>;
  readonly children: ReactNode;
};

/** A link within a text or a cell, to whoever may follow it; to others it is the text alone. */
export function PageLink<N extends PageName>({
  to,
  params,
  search = {},
  children,
}: PageLinkProps<N>): ReactElement {
  const me = useMe();
  const about: PageAbout | undefined = pages.find(({ name }) => name === to);
  if (about === undefined || !isInView(about) || !maySee(me, about)) return <>{children}</>;
  const path = pathTo(to, ...([params] as unknown as Params<N>));
  return (
    <Anchor
      component={Link}
      to={path}
      search={((old: Readonly<Record<string, string>>) => ({ ...keepLens(old), ...search })) as never}
      size="sm"
    >
      {children}
    </Anchor>
  );
}
