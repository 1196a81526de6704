/**
 * The hooks of our repositories; what they print is seen by whoever pushes. They ask the daemon over two pipes that they have
 * inherited through `git receive-pack`: nobody else can reach them, and when the daemon is gone they say so by ending.
 *
 *     hook → daemon, descriptor 3:   `REF OLD NEW`, a branch that is to move; or `large BYTES NAME`, a file above the limit
 *     daemon → hook, descriptor 4:   `1 TEXT`, a line to be shown, any number of them; then `0 CODE`, the exit code
 */

const answered = `while IFS= read -r line <&4; do
  case $line in
    0*) exit "\${line#0 }" ;;
    *) printf '%s\\n' "\${line#1 }" >&2 ;;
  esac
done
echo 'Nightshift was ended meanwhile: the branch is as it was, push again' >&2
exit 1
`;

/** The variable in which the largest size of a file is handed to the hooks, bytes. */
export const fileBytesVariable = 'NIGHTSHIFT_FILE_BYTES';

/**
 * Run once, while what was sent lies in a folder of its own: git removes it when this fails, and nothing is left. Only that
 * folder is looked into; the name of a file is looked for where there is something to be said of it.
 */
const preReceive = `#!/bin/sh
largest=$(GIT_ALTERNATE_OBJECT_DIRECTORIES= git cat-file --batch-all-objects --unordered \\
  --batch-check='%(objectsize) %(objectname)' | sort -n | tail -n 1)
[ "\${largest%% *}" -gt "$${fileBytesVariable}" ] 2>/dev/null || exit 0
name=$(cut -d ' ' -f 2 | grep -v '^0*$' | git rev-list --objects --stdin --not --all | grep "^\${largest#* } ")
printf 'large %s %s\\n' "\${largest%% *}" "\${name#* }" >&3 || exit 1
${answered}`;

/** Run for each branch before it moves, when all objects are in the repository. */
const update = `#!/bin/sh
printf '%s %s %s\\n' "$1" "$2" "$3" >&3 || exit 1
${answered}`;

export const hookScripts: Readonly<Record<string, string>> = { 'pre-receive': preReceive, update };

export interface RefUpdate {
  readonly ref: string;
  readonly from: string;
  readonly to: string;
}

export function parseUpdate(line: string): RefUpdate | undefined {
  const match = /^(refs\/\S+) ([0-9a-f]{40,64}) ([0-9a-f]{40,64})$/.exec(line);
  const [, ref, from, to] = match ?? [];
  return ref === undefined || from === undefined || to === undefined ? undefined : { ref, from, to };
}

export interface LargeFile {
  readonly bytes: number;
  /** Its path in the tree; empty where it is in none. */
  readonly name: string;
}

export function parseLargeFile(line: string): LargeFile | undefined {
  const [, bytes, name] = /^large (\d+) (.*)$/.exec(line) ?? [];
  return bytes === undefined || name === undefined ? undefined : { bytes: Number(bytes), name };
}

/** All zeros: there is none. */
export const isNone = (id: string): boolean => /^0+$/.test(id);

/** One line for the pusher; control characters that move the cursor stay, because programs colour what they say. */
export const lineToShow = (text: string): string => `1 ${text.replaceAll('\n', ' ')}\n`;
export const verdict = (code: number): string => `0 ${code}\n`;
