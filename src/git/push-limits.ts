/** How much one push may bring. An operator may set it with the options of `nightshift serve`. */
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { parseSize } from '../domain/units.ts';

export interface PushLimits {
  /** One push, as it is sent. */
  readonly pushBytes: number;
  /** One file of it, unpacked. */
  readonly fileBytes: number;
}

/** Less than that holds no commit, and more is more than a repository may hold. */
const bytesMin = 1024;

/**
 * @param asked sizes such as `512MB`; the usual where absent
 * @throws Refusal `git.limit`
 */
export function pushLimits(asked: {
  readonly push: string | undefined;
  readonly file: string | undefined;
}): PushLimits {
  return {
    pushBytes: sizeOf(asked.push, '--push-limit', limits.pushBytes),
    fileBytes: sizeOf(asked.file, '--push-file-limit', limits.pushedFileBytes),
  };
}

function sizeOf(text: string | undefined, option: string, usual: number): number {
  if (text === undefined) return usual;
  const bytes = parseSize(text);
  if (bytes === undefined || bytes < bytesMin || bytes > limits.repositoryBytes)
    throw new Refusal('git.limit', { option, size: text });
  return bytes;
}
