/** The command of a job, and "Try it once": runs it as a remote command, before anything is saved. */
import { Button, TextInput } from '@mantine/core';
import type { Environment } from '../../../../src/contract/environment.ts';
import { Icon } from '../../design/icon.tsx';
import classes from './command-field.module.css';
import { useTrial } from './trial.ts';

export interface CommandFieldProps {
  readonly environment: Environment;
  readonly command: string;
  readonly type: 'worker' | 'cron';
  readonly onChange: (command: string) => void;
  readonly error: string | undefined;
}

const examples = {
  worker: ['php artisan queue:work --tries=3', 'bin/console messenger:consume async', 'node worker.js'],
  cron: ['php bin/report.php', './bin/clean-up --older 30d', 'curl -fsS https://example.org/ping'],
} as const;

export function CommandField({ environment, command, type, onChange, error }: CommandFieldProps) {
  const trial = useTrial(environment.name);
  return (
    <div>
      <div className={classes.line}>
        <TextInput
          className={classes.command}
          label="Command"
          description={`Runs in ${environment.root} as ${environment.user} with the environment's variables.`}
          placeholder={examples[type][0]}
          autoComplete="off"
          spellCheck={false}
          value={command}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={error}
        />
        {trial.runs ? (
          <Button
            variant="default"
            className={classes.button}
            leftSection={<Icon name="stop" />}
            onClick={trial.stop}
          >
            End it
          </Button>
        ) : (
          <Button
            variant="default"
            className={classes.button}
            leftSection={<Icon name="play" />}
            disabled={command.trim() === '' || environment.plan === null}
            title={environment.plan === null ? 'A plan has to be booked first' : undefined}
            onClick={() => trial.begin(command)}
          >
            Try it once
          </Button>
        )}
      </div>
      {command === '' && (
        <p className={classes.examples}>
          {examples[type].map((example) => (
            <button key={example} type="button" onClick={() => onChange(example)}>
              <code>{example}</code>
            </button>
          ))}
        </p>
      )}
      {trial.told !== undefined && (
        <section className={classes.trial} aria-label="Output of the trial">
          {trial.output !== '' && <pre>{trial.output}</pre>}
          <p data-good={trial.isGood || undefined} role="status">
            {trial.told}
          </p>
        </section>
      )}
    </div>
  );
}
