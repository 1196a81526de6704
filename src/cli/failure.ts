/** Something was refused or failed; one sentence for stderr that says what to do. */
export class CliFailure extends Error {
  /** 1: refused or failed; 2: wrong usage. */
  readonly exitCode: 1 | 2;
  /** The API's code, where it has one. */
  readonly code: string;

  constructor(code: string, sentence: string, exitCode: 1 | 2 = 1, options?: { cause?: unknown }) {
    super(sentence, options);
    this.name = 'CliFailure';
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** The reader of our output has gone (`| head`): nothing is wrong, and nothing is left to do. */
export class ReaderGone extends Error {
  constructor() {
    super('the reader of the output has gone');
    this.name = 'ReaderGone';
  }
}

/** What is told of anything that was thrown: its sentence, never its stack. */
export function sentenceOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `something went wrong: ${String(thrown)}`;
  if (thrown instanceof CliFailure || thrown.name === 'Refusal') return thrown.message;
  return `something went wrong: ${thrown.message.split('\n')[0] ?? thrown.name}`;
}
