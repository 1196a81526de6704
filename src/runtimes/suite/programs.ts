/** What the suite's programs do, by name: a shell runtime gets `/bin/sh` scripts, a scripted one gets behaviours. */
export type Program =
  | { readonly kind: 'exits'; readonly code: number }
  /** Ends itself with a signal. */
  | { readonly kind: 'dies-of'; readonly signal: 'KILL' | 'USR1' | 'ABRT' }
  | { readonly kind: 'prints'; readonly text: string }
  /** Says `ready` and runs until a signal ends it, with the default disposition of each signal. */
  | { readonly kind: 'runs-forever' }
  /** Says `ready`, ignores TERM and runs for ever. */
  | { readonly kind: 'ignores-term' }
  /** Says `ready` and, on TERM, `bye`, and exits with this code. */
  | { readonly kind: 'finishes-on-term'; readonly code: number }
  | { readonly kind: 'not-found' };

const shell = (script: string): readonly string[] => ['/bin/sh', '-c', script];

/** The programs as shell scripts; only POSIX sh and coreutils, so that they run anywhere. */
export function shellProgram(program: Program): readonly string[] {
  switch (program.kind) {
    case 'exits':
      return shell(`exit ${program.code}`);
    case 'dies-of':
      return shell(`kill -s ${program.signal} $$; exec sleep 1000`);
    case 'prints':
      return ['printf', '%s\\n', program.text];
    case 'runs-forever':
      // Not a shell that becomes sleep: between the two words a dash would still have its own way with INT.
      return shell(`exec perl -e '$| = 1; print "ready\\n"; sleep 1000'`);
    case 'ignores-term':
      return shell('trap "" TERM; echo ready; exec sleep 1000');
    case 'finishes-on-term':
      return shell(
        `trap 'kill $child; echo bye; exit ${program.code}' TERM; sleep 1000 & child=$!; echo ready; wait $child`,
      );
    case 'not-found':
      return ['/nonexistent/program', 'argument'];
  }
}

/** A script of a case that only makes sense with real processes. */
export const script = shell;
