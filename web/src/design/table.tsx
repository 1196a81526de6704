/**
 * A table whose rows are lines that open something: dense on a desktop, cards on a phone. Only the rows in sight are drawn
 * when there are many, so that 10,000 scroll.
 */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useRef } from 'react';
import classes from './table.module.css';

/** Of the link that the whole line opens. */
export const rowLink = classes.link;
/** Of what can be clicked in a line above that link. */
export const aboveRowLink = classes.above;

export interface Column<Row> {
  readonly key: string;
  readonly head: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand to the right. */
  readonly right?: boolean;
  /** Width as CSS grid has it; `1fr` when absent. */
  readonly width?: string;
  /** The main cell of a card on a phone: stands alone, without the column's name. */
  readonly lead?: boolean;
  /** Needs no name beside it on a phone. */
  readonly plain?: boolean;
  /** Stands in the corner of the card on a phone. */
  readonly corner?: boolean;
  /** Left out on a phone. */
  readonly wide?: boolean;
}

export interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** A row that needs eyes gets a mark at its edge. */
  readonly toneOf?: (row: Row) => 'bad' | 'warn' | undefined;
}

/** Below so many rows all are drawn. */
const drawnRowsMax = 40;
const rowPx = 46;

export function Table<Row>(props: TableProps<Row>) {
  const grid = {
    '--columns': props.columns.map(({ width = '1fr' }) => width).join(' '),
  } as React.CSSProperties;
  return (
    <div
      className={classes.table}
      role="table"
      aria-label={props.label}
      aria-rowcount={props.rows.length + 1}
      style={grid}
    >
      <div className={classes.headRow} role="row">
        {props.columns.map(({ key, head, right }) => (
          <div key={key} role="columnheader" className={classes.head} data-right={right || undefined}>
            {head}
          </div>
        ))}
      </div>
      {props.rows.length <= drawnRowsMax ? <AllRows {...props} /> : <RowsInSight {...props} />}
    </div>
  );
}

function AllRows<Row>({ columns, rows, keyOf, toneOf }: TableProps<Row>) {
  return (
    <div role="rowgroup">
      {rows.map((row) => (
        <div key={keyOf(row)} className={classes.row} role="row" data-tone={toneOf?.(row)}>
          <Cells columns={columns} row={row} />
        </div>
      ))}
    </div>
  );
}

function RowsInSight<Row>({ columns, rows, keyOf, toneOf }: TableProps<Row>) {
  const body = useRef<HTMLDivElement>(null);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowPx,
    overscan: 8,
    scrollMargin: body.current?.offsetTop ?? 0,
    getItemKey: (index) => keyOf(rows[index] as Row),
  });
  return (
    <div ref={body} role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ index, key, start }) => {
        const row = rows[index] as Row;
        return (
          <div
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            role="row"
            aria-rowindex={index + 2}
            className={`${classes.row} ${classes.placed}`}
            data-tone={toneOf?.(row)}
            style={{ transform: `translateY(${start - virtual.options.scrollMargin}px)` }}
          >
            <Cells columns={columns} row={row} />
          </div>
        );
      })}
    </div>
  );
}

function Cells<Row>({ columns, row }: { readonly columns: readonly Column<Row>[]; readonly row: Row }) {
  return columns.map(({ key, head, cell, right, lead, plain, corner, wide }) => (
    <div
      key={key}
      role="cell"
      className={classes.cell}
      data-right={right || undefined}
      data-lead={lead || undefined}
      data-wide={wide || undefined}
      data-corner={corner || undefined}
    >
      {!lead && !plain && (
        <span className={classes.name} aria-hidden="true">
          {head}
        </span>
      )}
      <div className={classes.value}>{cell(row)}</div>
    </div>
  ));
}
