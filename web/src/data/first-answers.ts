/**
 * The answers to what public/first-questions.js asked before the page's scripts were there. Each is taken once, by the first who asks
 * the same; everybody else asks for themselves.
 */
declare global {
  /** By address; an answer is undefined where the question was dropped. */
  var nightshiftFirstAnswers: Map<string, Promise<Response | undefined>> | undefined;
}

/** `fetch`, for which some answers are on their way already. */
export async function fetchOrTake(address: string, asked: RequestInit): Promise<Response> {
  const answers = globalThis.nightshiftFirstAnswers;
  const early = asked.method === 'GET' ? answers?.get(address) : undefined;
  if (early === undefined) return await fetch(address, asked);
  answers?.delete(address);
  return (await early) ?? (await fetch(address, asked));
}
