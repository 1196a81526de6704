/** Completion: the shells ask `nightshift __complete` with the words so far; names come from the daemon. */
import type { Command, Option } from 'commander';
import type { Environment } from '../../contract/environment.ts';
import type { JobSummary } from '../../contract/job.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import type { Handler } from '../definitions/definition.ts';
import { CliFailure } from '../failure.ts';

const scripts: Readonly<Record<string, string>> = {
  bash: `_nightshift() {
  local IFS=$'\\n'
  COMPREPLY=($(nightshift __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _nightshift nightshift
`,
  zsh: `#compdef nightshift
_nightshift() {
  local -a found
  found=("\${(@f)$(nightshift __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -- $found; else _files; fi
}
compdef _nightshift nightshift
`,
  fish: `function __nightshift_complete
    set -l words (commandline -opc) (commandline -ct)
    nightshift __complete -- $words[2..-1] 2>/dev/null
end
complete -c nightshift -a '(__nightshift_complete)'
`,
};

export const completionScript: Handler = (context, [shell = '']) => {
  const script = scripts[shell];
  if (script === undefined)
    throw new CliFailure('usage', `there is no completion for "${shell}": choose bash, zsh or fish`, 2);
  context.say(script);
};

/** Prints what the last word may become, one a line; nothing when that can't be known. */
export const complete =
  (program: Command): Handler =>
  async (context, words) => {
    const last = words.at(-1) ?? '';
    const { command, operands, awaited } = position(program, words.slice(0, -1));
    const found = await candidates(context, command, operands, awaited, last);
    context.say(found.filter((each) => each.startsWith(last)).join('\n'));
  };

interface Position {
  readonly command: Command;
  /** The arguments given to it so far. */
  readonly operands: readonly string[];
  /** The option whose value is being typed. */
  readonly awaited: Option | undefined;
}

function position(program: Command, words: readonly string[]): Position {
  let command = program;
  let awaited: Option | undefined;
  const operands: string[] = [];
  for (const word of words) {
    const option: Option | undefined = word.startsWith('-') ? optionOf(command, word) : undefined;
    const child = command.commands.find((each) => each.name() === word);
    if (awaited !== undefined) awaited = undefined;
    else if (word.startsWith('-'))
      awaited = option?.required === true && !word.includes('=') ? option : undefined;
    else if (child !== undefined) command = child;
    else operands.push(word);
  }
  return { command, operands, awaited };
}

/** The options of a command and those of the whole program. */
const optionsOf = (command: Command): readonly Option[] => [
  ...command.options,
  ...(command.parent === null ? [] : optionsOf(command.parent)),
];

const optionOf = (command: Command, word: string): Option | undefined =>
  optionsOf(command).find((each) => each.long === word || each.short === word);

async function candidates(
  context: Context,
  command: Command,
  operands: readonly string[],
  awaited: Option | undefined,
  last: string,
): Promise<readonly string[]> {
  if (awaited !== undefined) {
    return awaited.long === '--job' ? jobNames(context, operands[0]) : choicesOf(awaited);
  }
  if (last.startsWith('-'))
    return optionsOf(command).flatMap((each) => (each.long == null ? [] : [each.long]));
  if (command.commands.length > 0) {
    return command.commands.map((each) => each.name()).filter((name) => !name.startsWith('__'));
  }
  const argument = command.registeredArguments[operands.length] ?? command.registeredArguments.at(-1);
  return argumentCandidates(context, command, argument?.name() ?? '', argument?.argChoices ?? [], operands);
}

/** Which names an argument takes is told by its own name. */
async function argumentCandidates(
  context: Context,
  command: Command,
  argument: string,
  choices: readonly string[],
  operands: readonly string[],
): Promise<readonly string[]> {
  const inJob = command.parent?.name() === 'job';
  if (
    argument === 'ENV' ||
    (argument === 'NAME' && command.parent?.name() === 'env' && command.name() !== 'create')
  ) {
    return namesOf<Environment>(context, '/environments');
  }
  if (argument === 'NAME' && inJob && command.name() !== 'add') return jobNames(context, operands[0]);
  if (argument === 'PLAN') return namesOf(context, '/plans');
  if (argument === 'KEY' && operands[0] !== undefined) return variableNames(context, operands[0]);
  return argument === 'SHELL' ? Object.keys(scripts) : choices;
}

const choicesOf = (option: Option): readonly string[] =>
  // `oneOf` tells its words in the description, where people read them too.
  /\(([\w, -]+)\)$/.exec(option.description)?.[1]?.split(', ') ?? [];

const jobNames = (context: Context, environment: string | undefined): Promise<readonly string[]> =>
  environment === undefined
    ? Promise.resolve([])
    : namesOf<JobSummary>(context, path`/environments/${environment}/jobs`);

/** Without a daemon there is nothing to offer, and no place to say so. */
async function namesOf<Item extends { readonly name: string }>(
  context: Context,
  url: string,
): Promise<readonly string[]> {
  return quietly(async () => (await context.client.list<Item>(url)).map((each) => each.name));
}

const variableNames = (context: Context, environment: string): Promise<readonly string[]> =>
  quietly(
    async () => (await context.client.get<Environment>(path`/environments/${environment}`)).variableNames,
  );

async function quietly(ask: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof CliFailure) return [];
    throw thrown;
  }
}
