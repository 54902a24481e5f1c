import type { ReactElement } from 'react';
import { useRead } from '../../api/hooks.ts';
import { FilterSelect } from '../../parts/filter-inputs.tsx';
import { useFilters } from '../../shell/location.ts';
import { addressOf } from './words.ts';

/** Of which inbound domain; the route that was chosen is of another one then. */
export function DomainFilter(): ReactElement {
  const { items } = useRead('GET /inbound-domains', { query: { limit: 500 } });
  const [{ domain }, set] = useFilters(['domain', 'route']);
  return (
    <FilterSelect
      label="Domain"
      any="Any domain"
      width={220}
      data={items.map(({ id, name }) => ({ value: id, label: name }))}
      value={domain}
      set={(value) => set({ domain: value, route: null })}
    />
  );
}

export function RouteFilter(): ReactElement {
  const [{ domain, route }, set] = useFilters(['domain', 'route']);
  const query = { limit: 500, ...(domain === '' ? {} : { inboundDomainId: domain }) };
  const { items } = useRead('GET /inbound-routes', { query });
  return (
    <FilterSelect
      label="Route"
      any="Any route"
      width={240}
      data={items.map((each) => ({ value: each.id, label: addressOf(each) }))}
      value={route}
      set={(value) => set({ route: value })}
    />
  );
}
