import { expect, it } from 'vitest';
import { within } from '../../../test/testkit/deadline.ts';
import { systemClock } from '../../../test/testkit/system-clock.ts';
import { describeRuntime } from '../runtime.contract.ts';
import type { RunSpec } from '../runtime.ts';
import type { Program } from '../suite/programs.ts';
import { FakeMachine } from './fake-machine.ts';
import { diesOf, exits, type FakeProgram, finishesOnTerm, ignoresTerm, runsForever } from './fake-program.ts';
import { createFakeRuntime } from './fake-runtime.ts';

const says = (text: string, stream: 'stdout' | 'stderr' = 'stdout') => ({
  prints: [{ afterMs: 0, stream, text }],
});

/** The suite's programs as scripts; the program travels as JSON in the only argument. */
function scripted(spec: RunSpec): FakeProgram {
  const program = JSON.parse(spec.argv[0] ?? '') as Program;
  switch (program.kind) {
    case 'exits':
      return exits(program.code);
    case 'dies-of':
      return diesOf(program.signal);
    case 'prints':
      return exits(0, 0, says(`${program.text}\n`));
    case 'runs-forever':
      return runsForever(says('ready\n'));
    case 'ignores-term':
      return ignoresTerm(says('ready\n'));
    case 'finishes-on-term': {
      const answer = {
        kind: 'finishes',
        afterMs: 0,
        exit: { kind: 'exited', code: program.code },
        says: 'bye\n',
      } as const;
      return finishesOnTerm(program.code, 0, { ...says('ready\n'), answers: { TERM: answer } });
    }
    case 'not-found':
      return exits(127, 0, says('/nonexistent/program: not found\n', 'stderr'));
  }
}

const makers = [
  { name: 'fake', capabilities: {} },
  { name: 'fake that ends with its daemon', capabilities: { outlivesDaemon: false } },
];

for (const { name, capabilities } of makers) {
  describeRuntime(
    name,
    async () => {
      const machine = new FakeMachine(systemClock);
      const make = () => createFakeRuntime({ machine, program: scripted, capabilities });
      const logged = (path: string) => Buffer.concat(machine.logs.get(path) ?? []);
      return {
        runtime: make(),
        again: async () => make(),
        user: { name: 'somebody', uid: 1000, gid: 1000, home: '/nonexistent' },
        root: '/nonexistent',
        logPath: (runId) => `/logs/${runId}`,
        waitForLog: (path, accepts) => {
          const { promise, resolve } = Promise.withResolvers<Buffer>();
          machine.onLog = () => accepts(logged(path)) && resolve(logged(path));
          machine.onLog(path);
          return within(`words in ${path}`, promise);
        },
        dispose: async () => machine.reboot(),
      };
    },
    { scripted: true, program: (program) => [JSON.stringify(program)] },
  );
}

it('has a script for every program of the suite', () => {
  expect(() => scripted({ argv: ['{"kind":"exits","code":1}'] } as unknown as RunSpec)).not.toThrow();
});
