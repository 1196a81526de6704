/** Charts of dots for a terminal: braille characters, two dots wide and four high, so that they read without colour too. */

/** Bits of a braille character's dots, from the bottom up, left and right (Unicode, block Braille Patterns). */
const leftDots = [0x40, 0x04, 0x02, 0x01];
const rightDots = [0x80, 0x20, 0x10, 0x08];
const blank = 0x2800;

export interface ChartShape {
  /** Characters wide and high. */
  readonly width: number;
  readonly height: number;
  /** The value that fills it to the top. */
  readonly top: number;
}

/** Lines from the top down: each value is a filled column; null is a gap and stays blank. What is not zero shows at least one dot. */
export function chartLines(values: readonly (number | null)[], { width, height, top }: ChartShape): string[] {
  const dotsHigh = height * 4;
  const heights = values.map((value) => {
    if (value === null) return 0;
    if (value <= 0 || top <= 0) return 0;
    return Math.min(dotsHigh, Math.max(1, Math.round((value / top) * dotsHigh)));
  });
  return Array.from({ length: height }, (_, line) => {
    const below = (height - 1 - line) * 4;
    const cells = Array.from({ length: width }, (_, cell) =>
      String.fromCharCode(
        blank +
          dots(heights[cell * 2] ?? 0, below, leftDots) +
          dots(heights[cell * 2 + 1] ?? 0, below, rightDots),
      ),
    );
    // A blank braille character is wider than a blank in some fonts, and is read aloud.
    return cells.join('').replaceAll(String.fromCharCode(blank), ' ').trimEnd();
  });
}

const dots = (height: number, below: number, bits: readonly number[]): number =>
  bits.reduce((sum, bit, index) => (height > below + index ? sum + bit : sum), 0);

/**
 * As many values as there are columns of dots. Several points in one column are their peak or their sum; where there are fewer
 * points than columns, a point is as wide as its time.
 */
export function fitted(
  points: readonly (number | null)[],
  columns: number,
  fold: 'peak' | 'sum',
): (number | null)[] {
  return Array.from({ length: columns }, (_, column) => {
    const first = Math.floor((column * points.length) / columns);
    const end = Math.max(first + 1, Math.floor(((column + 1) * points.length) / columns));
    const known = points.slice(first, end).filter((point) => point !== null);
    if (known.length === 0) return null;
    return fold === 'peak' ? Math.max(...known) : known.reduce((sum, point) => sum + point, 0);
  });
}
