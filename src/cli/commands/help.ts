import type { Command } from 'commander';
import type { Handler } from '../definitions/definition.ts';
import { CliFailure } from '../failure.ts';

/** `help job add`: the help of a command, however deep. */
export const help =
  (program: Command): Handler =>
  (context, words) => {
    let command = program;
    for (const word of words) {
      const found = command.commands.find((each) => each.name() === word);
      if (found === undefined)
        throw new CliFailure('usage', `there is no command "${words.join(' ')}": see "nightshift help"`, 2);
      command = found;
    }
    context.say(command.helpInformation());
  };
