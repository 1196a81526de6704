import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Resolves when something listens there: for programs that do not say it. Rejects after a minute. */
export async function listening(port: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const there = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (there) return;
    if (performance.now() > deadline) throw new Error(`nothing listens at port ${port}`);
    await pause(50);
  }
}
