import { describe, expect, it } from 'vitest';
import { checkOperator, checkSees, operatorActs, sees } from './access.ts';

const operator = { role: 'operator' } as const;
const member = { role: 'member', environments: ['shop'] } as const;

describe('who sees an environment', () => {
  it('is every operator, and a member of it', () => {
    expect(sees(operator, 'anything')).toBe(true);
    expect(sees(member, 'shop')).toBe(true);
    expect(sees(member, 'shop2')).toBe(false);
    expect(sees({ role: 'member' }, 'shop')).toBe(false);
  });

  it('is told of a foreign one as of one that does not exist', () => {
    expect(() => checkSees(member, 'blog')).toThrow(
      expect.objectContaining({ code: 'environment.unknown', status: 404 }),
    );
    expect(() => checkSees(member, 'shop')).not.toThrow();
  });
});

it.each(operatorActs)('to %s is for operators', (act) => {
  expect(() => checkOperator(member, act)).toThrow(`you may not ${act} here: ask an operator`);
  expect(() => checkOperator(operator, act)).not.toThrow();
});
