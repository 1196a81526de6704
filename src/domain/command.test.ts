// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are expansions of a shell, not template strings.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { argvOf, firstWord, noPhp, type PhpFacts } from './command.ts';

const script = (facts: Partial<PhpFacts>): PhpFacts => ({ ...noPhp, isFileBelowRoot: true, ...facts });
const lineOf = (command: string, php: PhpFacts = noPhp): string => {
  const argv = argvOf(command, php);
  expect(argv.slice(0, 2)).toEqual(['/bin/sh', '-c']);
  expect(argv).toHaveLength(3);
  return argv[2] as string;
};

describe('a simple command', () => {
  it.each([
    ['sleep 5', 'exec sleep 5'],
    ['  node   worker.js --name "a b"', '  exec node   worker.js --name "a b"'],
    ['A=b node worker.js', 'A=b exec node worker.js'],
    ['A=b B="c d" C=$A node worker.js', 'A=b B="c d" C=$A exec node worker.js'],
    ['node worker.js >> out.log 2>&1', 'exec node worker.js >> out.log 2>&1'],
    ['> out.log node worker.js', '> out.log exec node worker.js'],
    ['2>err.log A=1 node x', '2>err.log A=1 exec node x'],
    ['node x # ; not a list', 'exec node x # ; not a list'],
    ['node \\\n  worker.js', 'exec node \\\n  worker.js'],
    ['# first\nnode x\n', '# first\nexec node x\n'],
    ['node "a;b" \'c|d\' e\\&f', 'exec node "a;b" \'c|d\' e\\&f'],
    ['node $(cat file; echo x) `date` $((1 + (2))) ${A:-b}', undefined],
    ['"$HOME"/bin/worker', 'exec "$HOME"/bin/worker'],
    ['~/bin/worker', 'exec ~/bin/worker'],
    ['./work* -x', 'exec ./work* -x'],
    ['"my program" x', 'exec "my program" x'],
    ['echo-server if then', 'exec echo-server if then'],
    ['node a#b', 'exec node a#b'],
  ])('%j is exec’ed', (command, expected) => {
    expect(lineOf(command)).toBe(expected ?? `exec ${command}`);
  });
});

describe('what is not one simple command', () => {
  it.each([
    'a; b',
    'a;',
    'a & b',
    'a &',
    'a && b',
    'a || b',
    'a | b',
    'a\nb',
    '(a)',
    '{ a; }',
    'if true; then a; fi',
    'while a; do b; done',
    'for i in 1 2; do a; done',
    '! a',
    'time a',
    'cd /tmp',
    'cd /tmp && a',
    'exit 3',
    'export A=b',
    'set -e',
    'trap x TERM',
    'eval a b',
    '. ./env',
    'source env',
    'exec node x',
    'echo hi',
    'A=b',
    'A=b >x',
    '> file',
    'cat <<END\nx\nEND',
    'cat <<-END\nx\nEND',
    "cat <<<'x'",
    'f() { a; }',
    '$COMMAND x',
    '$DIR/bin/x',
    '${PHP:-php} artisan',
    '`which node` x',
    'wor*',
    'node "unended',
    "node 'unended",
    'node $(unended',
    'node `unended',
    'node $(case x in x) echo y;; esac)',
    "node $'a\\'b'",
    'node x >',
    'node \\',
    'diff <(a) <(b)',
    'A=(1 2) node',
    'A+=b node',
    '""',
    '\\\n',
    '',
    '# nothing',
    'c\\\nd /tmp',
    "'cd' /tmp",
  ])('%j is left to the shell as it is', (command) => {
    expect(lineOf(command)).toBe(command);
  });

  it('keeps a line that begins with a hyphen from being read as an option of the shell', () => {
    expect(lineOf('-x foo')).toBe(' -x foo');
    expect(spawnSync('/bin/sh', ['-c', lineOf('-x foo')]).status).toBe(127);
  });
});

describe('php', () => {
  it('runs a script that ends in .php without being named', () => {
    expect(lineOf('path/to/script.php', script({ endsInPhp: true }))).toBe('exec php path/to/script.php');
    expect(lineOf("A=1 'my script.php' -v", script({ endsInPhp: true }))).toBe(
      "A=1 exec php 'my script.php' -v",
    );
  });

  it('runs a file with a php shebang that is not executable', () => {
    expect(lineOf('artisan queue:work -v', script({ phpShebang: true }))).toBe(
      'exec php artisan queue:work -v',
    );
    expect(lineOf('./bin/console x', script({ phpShebang: true }))).toBe('exec php ./bin/console x');
  });

  it('leaves an executable with a php shebang to run by itself, unless it is a bare word', () => {
    expect(lineOf('./artisan x', script({ phpShebang: true, executable: true }))).toBe('exec ./artisan x');
    expect(lineOf('./job.php', script({ endsInPhp: true, phpShebang: true, executable: true }))).toBe(
      'exec ./job.php',
    );
    expect(lineOf('artisan x', script({ phpShebang: true, executable: true }))).toBe('exec php artisan x');
  });

  it('runs an executable .php without a shebang, which a shell would take for its own script', () => {
    expect(lineOf('./job.php', script({ endsInPhp: true, executable: true }))).toBe('exec php ./job.php');
  });

  it('runs the script that begins a list, and leaves the rest as it is written', () => {
    expect(lineOf('artisan a && artisan b', script({ phpShebang: true }))).toBe('php artisan a && artisan b');
  });

  it('has nothing to do with other files and with files elsewhere', () => {
    expect(lineOf('./job.sh', script({ executable: true }))).toBe('exec ./job.sh');
    expect(lineOf('x.php', { ...noPhp, endsInPhp: true, phpShebang: true })).toBe('exec x.php');
  });
});

describe('the first word', () => {
  it.each([
    ['artisan queue:work -v', 'artisan'],
    ['A=b >out ./x.php', './x.php'],
    ["'my script.php' a", 'my script.php'],
    ['b"i"n/con\\sole', 'bin/console'],
    ['artisan a; b', 'artisan'],
    ['$X/a.php', null],
    ['"$X"/a.php', null],
    ['~/a.php', null],
    ['*.php', null],
    ['cd x', null],
    ['test', null],
    ['if x', null],
    ['A=b', null],
    ['', null],
    ['(a.php)', null],
  ])('of %j is %j', (command, expected) => {
    expect(firstWord(command)).toBe(expected);
  });
});

describe('under a real /bin/sh', () => {
  let folder: string;
  const own = 'show';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nightshift-command-'));
    writeFileSync(
      join(folder, own),
      '#!/bin/sh\nfor a; do printf "<%s>" "$a"; done\nprintf "[%s]" "$A"\nexit 7\n',
    );
    chmodSync(join(folder, own), 0o755);
    writeFileSync(join(folder, 'plain'), 'hello world\n');
    writeFileSync(join(folder, 'noshebang'), 'printf "%s" plain-script\nexit 5\n');
    chmodSync(join(folder, 'noshebang'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (line: string) => {
    const result = spawnSync('/bin/sh', ['-c', line], {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', HOME: folder, B: 'two words', EMPTY: '', LC_ALL: 'C' },
      encoding: 'utf8',
      timeout: 10_000,
    });
    // The shell says which of its own words failed, and in which line it was; nothing else may differ.
    const plain = (text: string) => text.replaceAll(/\bsh: \d+: (exec: )?/g, 'sh: ');
    return {
      status: result.status,
      signal: result.signal,
      stdout: plain(result.stdout),
      stderr: plain(result.stderr),
    };
  };

  const sameBehaviour = (command: string): void => {
    expect(run(lineOf(command)), command).toEqual(run(/^[-+]/.test(command) ? ` ${command}` : command));
  };

  it.each([
    './noshebang',
    './plain',
    './nosuch',
    'nosuch x',
    'cat < nosuch',
    '"$EMPTY"',
    'PATH=/nowhere cat plain',
  ])('%j ends as it would have without exec', (command) => sameBehaviour(command));

  it('behaves as the line would as written, for random lines', () => {
    const text = fc.constantFrom(
      'a',
      'b c',
      '$',
      '"',
      "'",
      '\\',
      ' ',
      ';',
      '#',
      '*',
      '(',
      ')',
      '~',
      '=',
      '1',
      '`',
    );
    const argument = fc.oneof(
      fc.constantFrom(
        'x',
        '-n',
        '"$B"',
        '$B',
        '${B}',
        '${NONE:-d e}',
        '$(cat plain)',
        '`cat plain`',
        '"$(cat "plain")"',
      ),
      fc.constantFrom(
        'pl*',
        "'q r'",
        '"s;t"',
        'u\\ v',
        '#w',
        'y#z',
        '$((1+(2)))',
        '$#',
        '$',
        '"a\\"b$EMPTY"',
        '\\\n',
        '~',
      ),
      fc.array(text, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
    );
    const before = fc.constantFrom(
      '',
      'A=1 ',
      'A=1 C=$B ',
      '2>&1 ',
      'A="b c" 2>/dev/null ',
      '<plain ',
      ' ',
      '\n',
      '#c\n',
    );
    const program = fc.constantFrom(
      './show',
      '"./show"',
      './sh*w',
      '~/show',
      '"$HOME"/show',
      '$HOME/show',
      './sh\\ow',
      'cat',
      'env -i',
      'printf',
      'echo',
      'cd',
      'exit 4',
      'true',
      'nosuch',
      'if',
      '!',
      '{',
      './nosuch',
      '$EMPTY',
      '$EMPTY./show',
      'exec ./show',
      'sh\\\now',
      '-x',
    );
    const after = fc.constantFrom(
      '',
      '',
      '',
      ' # end',
      ' >&2',
      ' 2>&1',
      ';',
      ' | cat',
      ' && ./show t',
      ' || ./show f',
      '\n',
      '\n./show n',
      ' <plain',
      ' >',
      ' &&',
    );
    const command = fc
      .tuple(before, program, fc.array(argument, { maxLength: 4 }), after)
      .map(([prefix, name, rest, suffix]) => `${prefix}${[name, ...rest].join(' ')}${suffix}`)
      // The shell's own pid differs from run to run.
      .filter((line) => !line.includes('$$'));
    fc.assert(fc.property(command, sameBehaviour), { numRuns: 400 });
  });

  it('makes the program the shell’s own process, so that it gets the signal', () => {
    const result = spawnSync('/bin/sh', ['-c', lineOf('A=1 cat /proc/self/stat')], { encoding: 'utf8' });
    expect(Number(result.stdout.split(' ')[0])).toBe(result.pid);
  });
});
