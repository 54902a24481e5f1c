import { Link, useLocation } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Icon } from '../parts/icon.tsx';
import { groups } from '../page-groups/about.ts';
import { pages } from '../pages.ts';
import type { PageAbout } from '../pages.ts';
import { facts } from './facts.ts';
import { keepLens } from './location.ts';
import { maySee, useMe } from './me.ts';
import { isInView } from './in-view.ts';

const all: readonly PageAbout[] = pages.filter(isInView);

const pattern = (page: PageAbout): RegExp => new RegExp(`^${page.path.replace(/\$\w+/g, '[^/]+')}$`);

/** The page of the list that a path belongs to. */
export function pageAt(path: string): PageAbout | undefined {
  const local = path.slice(facts.routes.length).replace(/(.)\/$/, '$1') || '/';
  return (
    all.find((page) => !page.path.includes('$') && page.path === local) ??
    all.find((page) => pattern(page).test(local))
  );
}

export function Menu(): ReactElement {
  const me = useMe();
  const { pathname } = useLocation();
  const here = pageAt(pathname);
  const lit = here?.under ?? here?.name;
  return (
    <>
      {groups.map((group) => {
        const open = all.filter((page) => page.menu?.group === group && maySee(me, page));
        if (open.length === 0) return null;
        return (
          <div key={group}>
            {group !== '' && <div className="menu-group">{group}</div>}
            {open.map((page) => (
              <Link
                key={page.name}
                className="menu-link"
                to={page.path}
                search={keepLens as never}
                aria-current={page.name === lit ? 'page' : undefined}
              >
                {page.menu !== undefined && <Icon name={page.menu.icon} />}
                {page.title}
              </Link>
            ))}
          </div>
        );
      })}
    </>
  );
}
