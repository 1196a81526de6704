/** The same act by other ways: as a command of `nightshift`, and as a call of the API. */

/** A word as a POSIX shell reads it back; plain ones stay as they are. */
export const shellWord = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** `nightshift job stop shop mailer`; absent words are left out. */
export const commandLine = (...words: readonly (string | false | undefined)[]): string =>
  ['nightshift', ...words.filter((word) => typeof word === 'string')]
    .map((word) => shellWord(word as string))
    .join(' ');

/** `curl` with a token of one's own in the variable that the guide names. */
export function apiCall(
  origin: string,
  line: readonly [method: string, address: string],
  body?: unknown,
): string {
  const [method, address] = line;
  const parts = [
    'curl',
    ...(method === 'GET' ? [] : ['-X', method]),
    '-H',
    '"Authorization: Bearer $NIGHTSHIFT_TOKEN"',
    ...(body === undefined
      ? []
      : ['-H', shellWord('Content-Type: application/json'), '-d', shellWord(JSON.stringify(body))]),
    shellWord(origin + address),
  ];
  return parts.join(' ');
}
