import { accessSync, constants, statSync } from 'node:fs';
import { StartFailure } from '../runtime.ts';

/** A program that can't be exec'ed: the run ends with this code, as it would in a shell (POSIX, 2.8.2). */
export interface NotExecuted {
  readonly code: 126 | 127;
  readonly sentence: string;
}

/** Says whose fault it is that spawning failed: the command's (it ends with 126 or 127), or else a {@link StartFailure}. */
export function explainSpawnFailure(
  error: NodeJS.ErrnoException,
  program: string,
  root: string,
): NotExecuted | StartFailure {
  const refusal = rootFailure(root, error);
  if (refusal !== undefined) return refusal;
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { code: 127, sentence: `${program}: not found` };
    case 'EACCES':
      return { code: 126, sentence: `${program}: permission denied` };
    case 'E2BIG':
      return { code: 126, sentence: `${program}: arguments and variables are too long` };
    case 'ENOEXEC':
    case 'EISDIR':
    case 'ELOOP':
    case 'ETXTBSY':
    case 'ENAMETOOLONG':
      return { code: 126, sentence: `${program}: can't be executed (${error.code})` };
    default:
      return new StartFailure(`${program} could not be started: ${error.message}`, true, { cause: error });
  }
}

/** The kernel has the same words for a missing program and a missing working folder. */
function rootFailure(root: string, cause: Error): StartFailure | undefined {
  const found = statSync(root, { throwIfNoEntry: false });
  if (found === undefined)
    return new StartFailure(`the root folder ${root} does not exist`, false, { cause });
  if (!found.isDirectory()) return new StartFailure(`the root ${root} is not a folder`, false, { cause });
  try {
    accessSync(root, constants.X_OK);
    return undefined;
  } catch (error) {
    return new StartFailure(`the root folder ${root} can't be entered`, false, { cause: error });
  }
}
