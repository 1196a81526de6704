import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliPage } from './reference.ts';

test('docs/reference/cli.md is up to date: node src/cli/reference.ts writes it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/cli.md'), 'utf8');
  expect(page).toBe(cliPage());
});
