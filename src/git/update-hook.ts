/**
 * The one hook of our repositories. Git runs it for each branch before the branch moves, when all objects are in the
 * repository; what it prints is seen by whoever pushes. It asks the daemon over two pipes that it has inherited through
 * `git receive-pack`: nobody else can reach them, and when the daemon is gone they say so by ending.
 *
 *     hook → daemon, descriptor 3:   REF OLD NEW
 *     daemon → hook, descriptor 4:   `1 TEXT`, a line to be shown, any number of them; then `0 CODE`, the exit code
 */
export const hookNames = ['update'] as const;

export const hookScript = `#!/bin/sh
printf '%s %s %s\\n' "$1" "$2" "$3" >&3 || exit 1
while IFS= read -r line <&4; do
  case $line in
    0*) exit "\${line#0 }" ;;
    *) printf '%s\\n' "\${line#1 }" >&2 ;;
  esac
done
echo 'Nightshift was ended meanwhile: the branch is as it was, push again' >&2
exit 1
`;

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

/** All zeros: there is none. */
export const isNone = (id: string): boolean => /^0+$/.test(id);

/** One line for the pusher; control characters that move the cursor stay, because programs colour what they say. */
export const lineToShow = (text: string): string => `1 ${text.replaceAll('\n', ' ')}\n`;
export const verdict = (code: number): string => `0 ${code}\n`;
