/** Aligned columns for people. */
import { printable } from '../../contract/printable.ts';

export { printable };

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'right';
  readonly cell: (row: Row) => string;
  /** Applied after padding, so that colours do not disturb the columns. */
  readonly paint?: (text: string, row: Row) => string;
}

/** A header line and one line a row; no blanks at line ends. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paintTitle: (text: string) => string = (text) => text,
): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const padded = (text: string, index: number): string => {
    if (columns[index]?.align === 'right') return text.padStart(widths[index] ?? 0);
    return index === columns.length - 1 ? text : text.padEnd(widths[index] ?? 0);
  };
  const line = (texts: readonly string[]): string => texts.join('  ').trimEnd();
  const title = paintTitle(line(columns.map((column, index) => padded(column.title, index))));
  const body = cells.map((texts, number) =>
    line(
      texts.map((text, index) => {
        const paint = columns[index]?.paint;
        const shown = padded(text, index);
        return paint === undefined ? shown : paint(shown, rows[number] as Row);
      }),
    ),
  );
  return `${[title, ...body].join('\n')}\n`;
}

/** Names and values beneath each other; those without a value are left out. */
export function facts(
  pairs: readonly (readonly [name: string, value: string | null])[],
  paintName: (text: string) => string = (text) => text,
): string {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${paintName(name.padEnd(width))}  ${printable(value)}\n`).join('');
}
