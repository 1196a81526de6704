/** Leaves the secrets of an environment out of what its log is asked for: for who hands a piece of it on. */

/** Variables that hold secrets, by the names that people give them. */
const secretName = /pass|secret|token|key|dsn|auth|credential|private|salt|_url$|^url$/i;
/** Shorter values stand in any text by chance. */
const secretCharactersMin = 6;
/** `scheme://user:password@host` */
const passwordInUrl = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s:]*:([^/@\s]+)@/i;

/** Undefined where there is nothing to hide. Texts are replaced by the name of their variable, the longest first. */
export function maskOf(
  variables: Readonly<Record<string, string>>,
): ((message: Uint8Array) => Uint8Array) | undefined {
  const secrets = Object.entries(variables)
    .filter(([name]) => secretName.test(name))
    .flatMap(([name, value]) => [value, passwordInUrl.exec(value)?.[1] ?? ''].map((text) => ({ name, text })))
    .filter(({ text }) => text.length >= secretCharactersMin)
    .sort((a, b) => b.text.length - a.text.length)
    .map(({ name, text }) => ({ text: Buffer.from(text), instead: Buffer.from(`[${name}]`) }));
  if (secrets.length === 0) return undefined;
  return (message) => {
    let masked = Buffer.from(message.buffer, message.byteOffset, message.length);
    for (const { text, instead } of secrets) masked = replaced(masked, text, instead);
    return masked;
  };
}

function replaced(message: Buffer<ArrayBufferLike>, text: Buffer, instead: Buffer): Buffer<ArrayBufferLike> {
  let at = message.indexOf(text);
  if (at < 0) return message;
  const parts: Uint8Array[] = [];
  let from = 0;
  for (; at >= 0; at = message.indexOf(text, from)) {
    parts.push(message.subarray(from, at), instead);
    from = at + text.length;
  }
  parts.push(message.subarray(from));
  return Buffer.concat(parts);
}
