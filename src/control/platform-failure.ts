import { Refusal } from '../domain/errors.ts';

/** The platform's failure to do what was asked just now, in a sentence for whoever asked. What it refuses it says itself. */
export async function orUnavailable<Result>(environment: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal('platform.unavailable', { environment, why }, { cause: error });
  }
}
