import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkEnvironmentName, checkJobName, checkVariable } from './names.ts';

const code = (name: string) => expect.objectContaining({ code: name });

describe('the name of an environment', () => {
  it.each(['a', '0', 'shop', 'shop-2', 'x'.repeat(63), 'a--b'])('can be %s', (name) => {
    expect(checkEnvironmentName(name)).toBe(name);
  });

  it.each(['', '-a', 'a-', 'Shop', 'a_b', 'a.b', 'a/b', '..', 'a b', 'é', 'a\n', 'x'.repeat(64)])(
    'can’t be %j',
    (name) => expect(() => checkEnvironmentName(name)).toThrow(code('environment.name')),
  );
});

describe('the name of a job', () => {
  it.each(['a', 'Mailer', 'queue.high_prio-2', '0', 'x'.repeat(63)])('can be %s', (name) => {
    expect(checkJobName(name)).toBe(name);
  });

  it.each(['', '.a', '-a', '_a', 'a/b', '../a', 'a b', 'a\0', 'a\n', 'é', 'x'.repeat(64)])(
    'can’t be %j',
    (name) => expect(() => checkJobName(name)).toThrow(code('job.name')),
  );

  it('never leaves its folder, whatever is tried', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 70, unit: 'binary' }), (name) => {
        try {
          expect(checkJobName(name)).not.toMatch(/[/\p{Cc}\s]|^\./u);
        } catch (error) {
          expect(error).toEqual(code('job.name'));
        }
      }),
    );
  });
});

describe('a variable', () => {
  it.each(['A', '_', 'a1', 'DATABASE_URL', 'x'.repeat(256)])('can be named %s', (name) => {
    expect(() => checkVariable(name, 'any\nvalue = "1"')).not.toThrow();
  });

  it.each(['', '1A', 'A-B', 'A B', 'A=B', 'A\0', 'É', 'x'.repeat(257)])('can’t be named %j', (name) => {
    expect(() => checkVariable(name, '')).toThrow(code('variable.name'));
  });

  it('can’t take a name that Nightshift sets itself', () => {
    expect(() => checkVariable('NIGHTSHIFT_RUN_ID', 'x')).toThrow(code('variable.reserved'));
    expect(() => checkVariable('NIGHTSHIFT', 'x')).not.toThrow();
  });

  it('holds up to 65536 characters, and no NUL', () => {
    expect(() => checkVariable('A', 'x'.repeat(65_536))).not.toThrow();
    expect(() => checkVariable('A', 'x'.repeat(65_537))).toThrow(code('variable.value'));
    expect(() => checkVariable('A', 'a\0')).toThrow(code('variable.value'));
  });
});
