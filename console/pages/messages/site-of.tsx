import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useReadIf } from '../../api/hooks.ts';
import { PageLink } from '../../parts/page-link.tsx';

type Message = Reply<'GET /messages/{id}'>;

/** Where it was tried last, as its events say. */
function triedAt({ timeline }: Message): string | null {
  const sites = timeline.flatMap(({ data }) => {
    const site = typeof data === 'object' && data !== null && 'site' in data ? data.site : null;
    return typeof site === 'string' ? [site] : [];
  });
  return sites.at(-1) ?? null;
}

type SiteOfProps = { readonly message: Message; readonly isWaiting: boolean };

/** The receiver of a message: while it waits the one that holds up mail for its domain, afterwards where it was tried. */
export function SiteOf({ message, isWaiting }: SiteOfProps): ReactElement {
  const sites = useReadIf(isWaiting, 'GET /sites', {});
  const domain = message.to.slice(message.to.lastIndexOf('@') + 1);
  const waitsFor = sites?.items.find(({ domains }) => domains.includes(domain))?.site;
  const site = waitsFor ?? triedAt(message);
  if (site === null) return <>not known yet</>;
  return (
    <PageLink to="site" params={{ site }}>
      {site}
    </PageLink>
  );
}
