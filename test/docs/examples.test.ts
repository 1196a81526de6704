import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { read } from '../architecture/sources.ts';
import { blocks, pages } from './pages.ts';

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
const isDeployFile = ajv.compile(JSON.parse(read('docs/reference/nightshift.schema.json')));

const examples = pages.flatMap((page) =>
  blocks(page)
    .filter(({ language, lines }) => language === 'yaml' && /^(deploy|jobs|plan):/.test(lines[0]?.text ?? ''))
    .map(({ lines }) => ({ where: lines[0]?.where, text: lines.map(({ text }) => text).join('\n') })),
);

test('there are examples of nightshift.yml', () => {
  expect(examples.length).toBeGreaterThan(2);
});

describe.each(examples)('nightshift.yml at $where', ({ text }) => {
  test('is what the schema allows', () => {
    isDeployFile(parse(text));
    expect(isDeployFile.errors ?? []).toEqual([]);
  });
});
