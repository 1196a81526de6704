import { describe, expect, it } from 'vitest';
import { checkOperator, checkScope, checkSees, operatorActs, sees } from './access.ts';

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

describe('a token', () => {
  const token = (scope: 'read' | 'write' | 'operator') => ({ ...operator, scope, token: 'ci' });

  it('of scope read changes nothing and reads no secrets', () => {
    expect(() => checkScope(token('read'), 'read')).not.toThrow();
    expect(() => checkScope(token('read'), 'write')).toThrow(
      'the token "ci" has the scope "read" and may not change anything: use another token',
    );
    expect(() => checkScope(token('read'), 'secret')).toThrow(/may not read secrets/);
  });

  it('of scope write does what is no operator’s act, whoever has made it', () => {
    for (const need of ['read', 'secret', 'write'] as const)
      expect(() => checkScope(token('write'), need)).not.toThrow();
    expect(() => checkOperator(token('write'), 'create environments')).toThrow(
      expect.objectContaining({ code: 'access.scope' }),
    );
  });

  it('of scope operator does all that an operator may', () => {
    expect(() => checkScope(token('operator'), 'write')).not.toThrow();
    expect(() => checkOperator(token('operator'), 'create environments')).not.toThrow();
  });
});
