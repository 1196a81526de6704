/** A command that is tried once, over the socket of remote commands. When the page is left, it is hung up on. */
import { useEffect, useRef, useState } from 'react';
import { decodeExecFrame, type ExecFrame, encodeExecFrame } from '../../../../src/contract/exec.ts';
import type { ExecRequest } from '../../../../src/contract/exec-request.ts';
import { api } from '../../data/api.ts';
import { sentenceOf } from '../../data/failure.ts';

export interface Trial {
  readonly runs: boolean;
  readonly output: string;
  /** How it stands, or how it ended; undefined when nothing was tried. */
  readonly told: string | undefined;
  readonly isGood: boolean;
  readonly begin: (command: string) => void;
  /** Asks it to end; a second time within its patience hangs up. */
  readonly stop: () => void;
}

/** More is not kept: the beginning goes. */
const outputCharactersMax = 100_000;

interface State {
  readonly runs: boolean;
  readonly output: string;
  readonly told: string | undefined;
  readonly isGood: boolean;
}
const nothing: State = { runs: false, output: '', told: undefined, isGood: false };

export function useTrial(environment: string): Trial {
  const [state, setState] = useState<State>(nothing);
  const socket = useRef<WebSocket | undefined>(undefined);
  useEffect(() => () => socket.current?.close(), []);

  const begin = (command: string) => {
    socket.current?.close();
    const opened = open(environment);
    socket.current = opened;
    setState({ ...nothing, runs: true, told: 'starting …' });
    // One for each stream, so that a character whose bytes come in two messages is whole.
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    const request: ExecRequest = { command, terminal: null };
    opened.onopen = () => {
      opened.send(JSON.stringify(request));
      opened.send(encodeExecFrame({ channel: 'close' }));
    };
    opened.onmessage = ({ data }) => {
      if (socket.current !== opened || !(data instanceof ArrayBuffer)) return;
      const frame = decodeExecFrame(new Uint8Array(data));
      if (frame !== undefined) setState((before) => after(before, frame, decoders));
    };
    opened.onclose = () => {
      if (socket.current !== opened) return;
      setState((before) =>
        before.runs ? { ...before, runs: false, told: 'The connection broke off before it ended.' } : before,
      );
    };
  };

  const asked = useRef(0);
  const stop = () => {
    const opened = socket.current;
    if (opened?.readyState !== WebSocket.OPEN) return;
    asked.current += 1;
    if (asked.current > 1) opened.close();
    else opened.send(encodeExecFrame({ channel: 'signal', signal: 'INT' }));
  };
  return {
    ...state,
    begin: (command) => {
      asked.current = 0;
      begin(command);
    },
    stop,
  };
}

function open(environment: string): WebSocket {
  const address = new URL(api.address('exec', { params: { environment } }), location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  const socket = new WebSocket(address);
  socket.binaryType = 'arraybuffer';
  return socket;
}

type Decoders = Readonly<Record<'stdout' | 'stderr', TextDecoder>>;

function after(before: State, frame: ExecFrame, decoders: Decoders): State {
  if (frame.channel === 'stdout' || frame.channel === 'stderr') {
    const text = decoders[frame.channel].decode(frame.bytes, { stream: true });
    return { ...before, told: 'it runs …', output: (before.output + text).slice(-outputCharactersMax) };
  }
  if (frame.channel !== 'status') return before;
  const { status } = frame;
  if ('error' in status) return { ...before, runs: false, told: sentenceOf(new Error(status.error.message)) };
  const isGood = status.outcome === 'ok';
  const told = isGood
    ? 'It ended well, with exit code 0.'
    : sentenceOf(new Error(status.reason ?? 'it failed'));
  return { ...before, runs: false, told, isGood };
}
