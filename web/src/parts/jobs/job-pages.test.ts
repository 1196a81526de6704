import { expect, test } from 'vitest';
import { chainOf, type JobsPage, joinedPages } from './job-pages.ts';

const page = (names: string, next: string | null = null): JobsPage => ({
  items: [...names].map((name) => ({ name })) as unknown as JobsPage['items'],
  next,
});
const namesOf = (jobs: readonly { readonly name: string }[] | undefined) =>
  jobs?.map(({ name }) => name).join('');

test('each page begins after the last name of the page before it, as far as pages are there', () => {
  expect(chainOf([undefined])).toEqual([undefined]);
  expect(chainOf([page('ab', 'b'), undefined])).toEqual([undefined, 'b']);
  expect(chainOf([page('ab', 'b'), page('cd', 'd'), page('e')])).toEqual([undefined, 'b', 'd']);
});

test('pages are one list, and one page is its own very list', () => {
  const one = page('abc');
  expect(joinedPages([one], [])).toBe(one.items);
  expect(namesOf(joinedPages([page('ab', 'b'), page('cd', 'd'), page('e')], []))).toBe('abcde');
  expect(joinedPages([undefined], [])).toBeUndefined();
});

test('while a page is read anew, what was known beyond the pages before it stays', () => {
  const before = page('abcdef').items;
  expect(namesOf(joinedPages([page('aab', 'b'), undefined, page('f')], before))).toBe('aabcdef');
});
