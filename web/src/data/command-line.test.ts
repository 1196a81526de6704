import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apiCall, commandLine, shellWord } from './command-line.ts';

test('a word is read back by a shell as it was', () => {
  const words = ['plain', 'two words', "it's", '$HOME', '`id`', '', '*', '\\', 'a\nb', '"', 'ä', '-n'];
  const line = words.map(shellWord).join(' ');
  const read = execFileSync('sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`], {
    encoding: 'utf8',
  });
  expect(read.split('\0').slice(0, -1)).toEqual(words);
});

test('plain words stay plain', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_./-]+$/), (word) => {
      expect(shellWord(word)).toBe(word);
    }),
  );
});

test('a command leaves out what is not said', () => {
  expect(commandLine('env', 'create', 'shop', false, undefined, '--root', '/srv/my shop')).toBe(
    "nightshift env create shop --root '/srv/my shop'",
  );
});

test('a call of the API carries the token by its variable', () => {
  expect(apiCall('https://host', ['POST', '/api/v1/x'], { command: "it's" })).toBe(
    `curl -X POST -H "Authorization: Bearer $NIGHTSHIFT_TOKEN" -H 'Content-Type: application/json' -d '{"command":"it'\\''s"}' https://host/api/v1/x`,
  );
});
