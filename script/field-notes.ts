/** What the comments of the contract say of its shapes and their fields: the OpenAPI document says it, too. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Notes = Record<string, Record<string, string>>;

/** The text of a comment, in one line. */
const textOf = (comment: string): string => comment.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim();

const inPascalCase = (name: string): string => (name[0] ?? '').toUpperCase() + name.slice(1);

/** `run` → `Run`; the note of the shape itself stands under the empty name. */
function notesIn(source: string): Notes {
  const found: Notes = {};
  const shapes = source.matchAll(
    /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export const (\w+) = (?:(\w+)\.extend)?[^;]*?\{\n([\s\S]*?)\n\}\)/g,
  );
  for (const [, comment, name = '', base, body = ''] of shapes) {
    const notes: Record<string, string> = { ...(base === undefined ? {} : found[inPascalCase(base)]) };
    delete notes[''];
    if (comment !== undefined) notes[''] = textOf(comment);
    for (const [, note = '', field = ''] of body.matchAll(
      /^ {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}(\w+):/gm,
    ))
      notes[field] = textOf(note);
    if (Object.keys(notes).length > 0) found[inPascalCase(name)] = notes;
  }
  return found;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export function fieldNotesModule(checkout: string): string {
  const folder = join(checkout, 'src', 'contract');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const notes = Object.assign(
    {},
    ...files.sort().map((file) => notesIn(readFileSync(join(folder, file), 'utf8'))),
  ) as Notes;
  const lines = Object.entries(notes).map(([shape, fields]) => {
    const inner = Object.entries(fields).map(
      ([field, note]) => `    ${field === '' ? "''" : field}: ${quoted(note)},`,
    );
    return `  ${shape}: {\n${inner.join('\n')}\n  },`;
  });
  return `// Made from the comments of src/contract by script/reference: change them there.
// biome-ignore format: made by a program
export const fieldNotes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
${lines.join('\n')}
};
`;
}
