import { describe, expect, test } from 'vitest';
import { Refusal } from '../domain/errors.ts';
import { pushLimits } from './push-limits.ts';

describe('what a push may bring', () => {
  test('is what the operator says, or the usual', () => {
    expect(pushLimits({ push: undefined, file: undefined })).toEqual({
      pushBytes: 512 * 1024 ** 2,
      fileBytes: 256 * 1024 ** 2,
    });
    expect(pushLimits({ push: '2GB', file: '1 KB' })).toEqual({ pushBytes: 2 * 1024 ** 3, fileBytes: 1024 });
  });

  test.each(['', 'much', '-1MB', '1023', '2049MB'])('is refused with the option’s name as "%s"', (size) => {
    expect(() => pushLimits({ push: size, file: undefined })).toThrow(
      new Refusal('git.limit', { option: '--push-limit', size }),
    );
    expect(() => pushLimits({ push: undefined, file: size })).toThrow(/^--push-file-limit takes a size/);
  });
});
