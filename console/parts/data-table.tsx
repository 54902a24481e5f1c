/**
 * A keyset list as a table: only the rows in view are in the page (100,000 read rows scroll like ten), the next page is
 * read as the end comes near. Rows have one height, so nothing jumps.
 */
import { Loader } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { memo, useDeferredValue, useEffect, useRef } from 'react';
import type { CSSProperties, ReactElement, ReactNode } from 'react';
import type { Pages } from '../api/hooks.ts';
import { keepLens } from '../shell/location.ts';
import { useRowsInView } from './rows-in-view.ts';

export type Column<Row> = {
  readonly title: string;
  /** A track of a CSS grid: `2fr`, `120px`. */
  readonly width: string;
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => ReactNode;
};

type DataTableProps<Row> = {
  /** What the rows are, for screen readers. */
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly list: Pages<Row>;
  readonly keyOf: (row: Row) => string | number;
  /** Where a row leads: its first cell becomes a link that fills the row. */
  readonly linkOf?: ((row: Row) => string) | undefined;
};

const rowPx = 46;
/** What a column that takes one share of the room, or more, gets at least; a narrower window scrolls the table sideways. */
function shareMinPx(width: string): number {
  const shares = Number.parseInt(width, 10);
  if (shares === 1) return 90;
  return shares < 5 ? 130 : 175;
}

function widthMin(columns: readonly { readonly width: string }[]): number {
  const widths = columns.map(({ width }) =>
    width.endsWith('fr') ? shareMinPx(width) : Number.parseInt(width, 10),
  );
  return Math.max(
    640,
    widths.reduce((sum, width) => sum + width, 0),
  );
}

export function DataTable<Row>({ name, list, keyOf, ...given }: DataTableProps<Row>): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const { hasMore, isMoreComing, more } = list;
  // What changes the lines is drawn in slices: a page that comes holds up no frame.
  const items = useDeferredValue(list.items);
  const columns = useDeferredValue(given.columns);
  const linkOf = useDeferredValue(given.linkOf);
  const { first, end } = useRowsInView(place, rowPx, items.length);
  const last = Math.max(0, end - 1);
  useEffect(() => {
    if (hasMore && !isMoreComing && last >= list.items.length - 20) more();
  }, [hasMore, isMoreComing, last, list.items.length, more]);
  const gridTemplateColumns = columns
    .map(({ width }) => (width.endsWith('fr') ? `minmax(${shareMinPx(width)}px, ${width})` : width))
    .join(' ');
  const width = { '--table-width': `${widthMin(columns)}px` } as CSSProperties;
  return (
    <div className="panel">
      <div
        className="table-scroll"
        ref={place}
        role="table"
        aria-label={name}
        aria-rowcount={hasMore ? -1 : items.length + 1}
        tabIndex={0}
        style={{ ...width, maxHeight: 'max(420px, calc(100dvh - 250px))' }}
      >
        <div
          className="grid-row grid-head"
          role="row"
          aria-rowindex={1}
          style={{ gridTemplateColumns, height: 36 }}
        >
          {columns.map(({ title, isNumber }) => (
            <div className="cell" role="columnheader" key={title} data-end={isNumber}>
              {title}
            </div>
          ))}
        </div>
        <div className="grid-body" role="rowgroup" style={{ height: items.length * rowPx }}>
          {items.slice(first, end).map((row, at) => {
            const index = first + at;
            return <Line key={keyOf(row)} {...{ row, index, columns, linkOf, gridTemplateColumns }} />;
          })}
        </div>
        {isMoreComing && <Loader size="xs" m="sm" role="progressbar" aria-label="More rows are coming" />}
      </div>
    </div>
  );
}

type LineProps<Row> = Pick<DataTableProps<Row>, 'columns' | 'linkOf'> & {
  readonly row: Row;
  readonly index: number;
  readonly gridTemplateColumns: string;
};

/** Drawn once for what it shows: scrolling draws those that come into view and no other. */
const Line = memo(LineNow) as typeof LineNow;

function LineNow<Row>({ row, index, columns, linkOf, gridTemplateColumns }: LineProps<Row>): ReactElement {
  return (
    <div
      className="grid-row grid-line"
      role="row"
      aria-rowindex={index + 2}
      style={{ gridTemplateColumns, height: rowPx, top: index * rowPx }}
    >
      {columns.map(({ title, isNumber, cell }, at) => (
        <div className="cell" role="cell" key={title} data-end={isNumber}>
          {at === 0 && linkOf !== undefined ? (
            <Link to={linkOf(row)} search={keepLens as never}>
              {cell(row)}
            </Link>
          ) : (
            cell(row)
          )}
        </div>
      ))}
    </div>
  );
}
