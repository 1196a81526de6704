/** The HTTP server over a control double, on a unix socket of its own: what a daemon is to its clients. */
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { makeTempFolder } from '../../test/testkit/temp-folder.ts';
import type { Control } from '../control/control.ts';
import { type ControlDouble, controlDouble } from './control-double.testkit.ts';
import { holdToDocument } from './documented.testkit.ts';
import { listenOnSocket } from './listen.ts';
import { createHttpServer } from './server.ts';

export interface SocketServer extends ControlDouble {
  readonly app: FastifyInstance;
  /** The data folder; the socket in it is `nightshift.sock`. */
  readonly folder: string;
  readonly socketPath: string;
  /** What the server logged. */
  readonly lines: Record<string, unknown>[];
}

/** Closed when the test has finished. */
export async function socketServer(answers: Partial<Control> = {}): Promise<SocketServer> {
  const folder = await makeTempFolder('http');
  const socketPath = join(folder.path, 'nightshift.sock');
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const double = controlDouble(answers);
  const app = createHttpServer({ control: double.control, log });
  holdToDocument(app);
  await listenOnSocket(app, socketPath);
  onTestFinished(async () => {
    await app.close();
    await folder.dispose();
  });
  return { ...double, app, folder: folder.path, socketPath, lines };
}

/** The answer's head has come; its body is read by the test, or not. */
export const openStream = (
  { socketPath }: SocketServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const request = get({ socketPath, path: `/api/v1${path}`, headers });
    request.once('response', resolve);
    request.once('error', reject);
  });

export async function readAll(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export async function openWebSocket({ socketPath }: SocketServer, path: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://localhost/api/v1${path}`, {
    createConnection: () => connect(socketPath),
  });
  onTestFinished(() => socket.terminate());
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}
