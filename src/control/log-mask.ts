/** Leaves the secrets of an environment out of what its jobs have printed: the names of variables stand in place of their values. */

/** Variables that hold secrets, by the names that people give them. */
const secretName = /pass|secret|token|key|dsn|auth|credential|private|salt|_url$|^url$/i;
/** Shorter values stand in any text by chance. */
const secretCharactersMin = 6;
/** The lines of a value that has several, such as a private key, are looked for one by one; shorter ones are left. */
const lineCharactersMin = 16;
/** `scheme://user:password@host` */
const passwordInUrl = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s:]*:([^/@\s]+)@/i;

export interface Mask {
  /** The message with the names in place; the same bytes where nothing is to be hidden. */
  apply(message: Uint8Array): Uint8Array;
  /** Whether this text may stand in what takes the place of a secret: then it can't be looked for in what was printed. */
  mayShow(text: string): boolean;
}

/** Undefined where there is nothing to hide. The longest texts are replaced first. */
export function maskOf(variables: Readonly<Record<string, string>>): Mask | undefined {
  const secrets = Object.entries(variables)
    .filter(([name]) => secretName.test(name))
    .flatMap(([name, value]) => textsOf(value).map((text) => ({ name, text })))
    .sort((a, b) => b.text.length - a.text.length)
    .map(({ name, text }) => ({ text: Buffer.from(text), instead: Buffer.from(`[${name}]`) }));
  if (secrets.length === 0) return undefined;
  return {
    apply(message) {
      const plain = Buffer.from(message.buffer, message.byteOffset, message.length);
      let masked: Buffer<ArrayBufferLike> = plain;
      for (const { text, instead } of secrets) masked = replaced(masked, text, instead);
      return masked === plain ? message : masked;
    },
    mayShow: (text) => /[[\]]/.test(text) || secrets.some(({ instead }) => instead.includes(text)),
  };
}

/** A value as it may be printed: as it is, its password alone, line by line, and as JSON and addresses write it. */
function textsOf(value: string): string[] {
  const password = passwordInUrl.exec(value)?.[1] ?? '';
  const lines = value.includes('\n') ? value.split(/\r?\n/).map((line) => line.trim()) : [];
  const plain = [
    ...[value, password].filter((text) => text.length >= secretCharactersMin),
    ...lines.filter((line) => line.length >= lineCharactersMin),
  ];
  return [...new Set(plain.flatMap((text) => [text, JSON.stringify(text).slice(1, -1), inAddress(text)]))];
}

/** Percent-encoded; as it is where it can't be, because half a character stands in it. */
function inAddress(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
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
