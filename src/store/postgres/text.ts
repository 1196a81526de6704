/**
 * PostgreSQL's text has no U+0000, and the output of programs may have it: it is written as two characters, of which the first is a
 * noncharacter of Unicode (U+FFFF) that no text of anybody's has; where it has it all the same, that is written as two as well.
 */
const mark = '\uffff';

export const written = (text: string): string =>
  text.includes('\0') || text.includes(mark)
    ? text.replaceAll(mark, `${mark}1`).replaceAll('\0', `${mark}0`)
    : text;

export const read = (text: string): string =>
  text.includes(mark) ? text.replaceAll(`${mark}0`, '\0').replaceAll(`${mark}1`, mark) : text;
