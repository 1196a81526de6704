/** NDJSON as it arrives: what each piece of the body completes, as one batch. Who stops asking stops the sender. */
export async function* jsonLines<Item>(body: ReadableStream<Uint8Array>): AsyncGenerator<readonly Item[]> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      const batch = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Item);
      if (batch.length > 0) yield batch;
      if (done) return;
    }
  } finally {
    // Also when the asker leaves in the middle: the request ends, and with it the reading on the other side.
    await reader.cancel().catch(() => undefined);
  }
}
