/** A TCP relay that can go silent: both ends stay open and hear nothing more, as when a cable is pulled. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class SilentRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #silent = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<SilentRelay> {
    const server = createServer();
    const relay = new SilentRelay(server);
    server.on('connection', (near) => {
      const far = connect(port, '127.0.0.1');
      relay.#pass(near, far);
      relay.#pass(far, near);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the relay has no port');
    return address.port;
  }

  /** From now on nothing passes, not even an end. */
  fallSilent(): void {
    this.#silent = true;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (bytes) => {
      if (!this.#silent) to.write(bytes);
    });
    from.on('end', () => {
      if (!this.#silent) to.end();
    });
    from.on('error', () => undefined); // one end may break while the other is told
    from.on('close', () => {
      this.#sockets.delete(from);
      if (!this.#silent) to.destroy();
    });
  }
}
