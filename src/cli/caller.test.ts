import { expect, test } from 'vitest';
import { socketServer } from '../http/socket-server.testkit.ts';
import { runCli } from './cli.ts';
import { aLocal, caller } from './cli-run.testkit.ts';

test.each([
  [{ SUDO_USER: 'ada', LOGNAME: 'root', USER: 'root' }, 'ada'],
  [{ LOGNAME: 'grace' }, 'grace'],
  [{}, 'operator'],
  [{ USER: 'not\na name' }, 'operator'],
])('a command is that of its caller: %j', async (variables, name) => {
  const server = await socketServer();
  const { io } = caller(server);
  const words = ['job', 'run', 'demo', 'a-cron'];
  await runCli(words, { ...io, variables: { ...io.variables, ...variables } }, aLocal);
  expect(server.actors).toEqual([{ name, role: 'operator', via: 'socket' }]);
});
