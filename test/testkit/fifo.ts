import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, constants, open, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { within } from './deadline.ts';

/** Makes a named pipe that every user may open. */
export function makeFifo(path: string): string {
  execFileSync('mkfifo', [path]);
  chmodSync(path, 0o666);
  return path;
}

/** A named pipe that programs of a test hold open for writing: its end proves that all of them have ended, whatever namespace they are in. */
export interface Holders {
  /** Resolves when the pipe has carried this text. */
  said(text: string): Promise<void>;
  /** Resolves when nobody holds the pipe any more. */
  gone(): Promise<void>;
  dispose(): void;
}

/** Watches over `path`; call it before the programs are started. */
export function watchHolders(path: string): Holders {
  makeFifo(path);
  let heard = '';
  let wake: (() => void) | undefined;
  let ended = false;
  let socket: Socket | undefined;
  const opened = promisify(open)(path, 'r').then((fd) => {
    socket = new Socket({ fd, readable: true, writable: false });
    socket.on('data', (data) => {
      heard += data.toString();
      wake?.();
    });
    socket.on('close', () => {
      ended = true;
      wake?.();
    });
  });
  const until = async (what: string, done: () => boolean) => {
    const waiting = async () => {
      await opened;
      while (!done())
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    };
    await within(what, waiting());
  };
  return {
    said: (text) => until(`"${text}" from the holders of ${path}`, () => heard.includes(text)),
    gone: () => until(`the end of all holders of ${path}`, () => ended),
    dispose: () => {
      // A writer of our own releases an open() that nobody answered.
      closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
      socket?.destroy();
    },
  };
}

/** Lets a program go on that waits in `cat PATH` or `read < PATH`. */
export const release = (path: string): Promise<void> => writeFile(path, 'go\n');
