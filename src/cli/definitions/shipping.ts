/** Commands about sending output on. */
import type { Command } from 'commander';
import { define, type Runner, yes } from './definition.ts';

const commands = () => import('../commands/ship.ts');

export function shippingCommands(program: Command, runner: Runner): void {
  const ship = program
    .command('ship')
    .description('send what jobs print to a receiver of OpenTelemetry logs');
  define(
    ship,
    runner,
    'set <ENV> <URL>',
    'send it there from now on, by OTLP over HTTP; without a path the address gets /v1/logs',
    async () => (await commands()).setReceiver,
  ).option(
    '--headers-file <FILE>',
    'headers that go along, one "Name: value" a line, such as an API key; "-" is standard input',
  );
  define(ship, runner, 'show <ENV>', 'where it goes and how far it is', async () => {
    return (await commands()).showReceiver;
  });
  define(ship, runner, 'stop <ENV>', 'send it no more', async () => (await commands()).stopShipping).option(
    ...yes,
  );
}
