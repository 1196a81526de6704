/** The OpenAPI document as a page that people read: no script, one style sheet, nothing from elsewhere. */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly additionalProperties?: boolean | Schema;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface Content {
  readonly [type: string]: { readonly schema?: Schema; readonly 'x-item-schema'?: Schema };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly 'x-first-message'?: Schema;
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly content?: Content }>>;
}

interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => escapes[sign] ?? sign);

/** `code` in back-ticks; everything else as it is. */
const prose = (text: string): string => escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');

/** A shape in a few words, with links to those that have names. */
function inWords(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return `<a href="#shape-${escaped(name)}">${escaped(name)}</a>`;
  }
  if (schema.anyOf !== undefined) return schema.anyOf.map(inWords).join(' or ');
  if (schema.const !== undefined) return `<code>${escaped(JSON.stringify(schema.const))}</code>`;
  if (schema.enum !== undefined)
    return schema.enum.map((value) => `<code>${escaped(String(value))}</code>`).join(', ');
  if (schema.items !== undefined) return `list of ${inWords(schema.items)}`;
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties).map(
      ([name, each]) => `${escaped(name)}: ${inWords(each)}`,
    );
    return `{ ${fields.join(', ')} }`;
  }
  if (typeof schema.additionalProperties === 'object')
    return `object whose values are ${inWords(schema.additionalProperties)}`;
  const type = [schema.type ?? 'anything'].flat().join(' or ');
  return escaped(schema.format === 'date-time' ? type.replace('string', 'time') : type);
}

function bounds({ minimum, maximum, maxLength, default: usual }: Schema): string {
  const safe = (value: number | undefined): boolean =>
    value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  const words = [
    safe(minimum) ? `from ${minimum}` : '',
    safe(maximum) ? `up to ${maximum}` : '',
    maxLength === undefined ? '' : `up to ${maxLength} characters`,
    usual === undefined ? '' : `usually <code>${escaped(JSON.stringify(usual))}</code>`,
  ].filter((word) => word !== '');
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

const row = (
  name: string,
  isRequired: boolean,
  schema: Schema,
  note: string | undefined,
  place = '',
): string =>
  `<tr><th scope="row"><code>${escaped(name)}</code>${isRequired ? ' <b title="required">*</b>' : ''}${
    place === '' ? '' : ` <i>${place}</i>`
  }</th><td>${inWords(schema)}${bounds(schema)}</td><td>${prose(note ?? '')}</td></tr>`;

const tableOf = (rows: readonly string[]): string =>
  rows.length === 0 ? '' : `<table><tbody>${rows.join('')}</tbody></table>`;

const fieldsOf = (schema: Schema): string =>
  tableOf(
    Object.entries(schema.properties ?? {}).map(([name, each]) =>
      row(name, schema.required?.includes(name) === true, each, each.description),
    ),
  );

function operation(method: string, path: string, each: Operation): string {
  const parameters = tableOf(
    (each.parameters ?? []).map((parameter) =>
      row(parameter.name, parameter.required === true, parameter.schema, parameter.description, parameter.in),
    ),
  );
  const [, body] = Object.entries(each.requestBody?.content ?? {})[0] ?? [];
  const message = body?.schema ?? each['x-first-message'];
  const answers = Object.entries(each.responses)
    .filter(([status]) => status !== 'default')
    .map(([status, { description, content }]) => {
      const shapes = Object.entries(content ?? {}).map(([type, { schema, 'x-item-schema': itemSchema }]) => {
        const shape = itemSchema ?? schema ?? {};
        return `<code>${escaped(type)}</code>${itemSchema === undefined ? '' : ', each'}: ${inWords(shape)}`;
      });
      return `<p><b>${escaped(status)}</b> ${prose(description ?? '')} ${shapes.join('; ')}</p>`;
    });
  return `<details id="${escaped(each.operationId)}"><summary><span class="method ${method}">${method.toUpperCase()}</span>
<code>${escaped(path)}</code> ${escaped(each.summary)}${each.security?.length === 0 ? ' <i>for everybody</i>' : ''}</summary>
${each.description === undefined ? '' : `<p>${prose(each.description)}</p>`}${parameters}
${message === undefined ? '' : `<p>Sends ${inWords(message)}</p>${message.$ref === undefined ? fieldsOf(message) : ''}`}
${answers.join('\n')}</details>`;
}

/** @param document of OpenAPI 3.1, as `openApiDocument` makes it */
export function docsPage(document: object): string {
  const { info, paths, components } = document as Document;
  const byTag = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, each] of Object.entries(operations)) {
      const tag = each.tags[0] ?? '';
      byTag.set(tag, [...(byTag.get(tag) ?? []), operation(method, path, each)]);
    }
  }
  const [lead = '', ...points] = info.description.split(/\n+(?:- )?/);
  const sections = [...byTag].map(
    ([tag, operations]) =>
      `<section id="${escaped(tag)}"><h2>${escaped(tag)}</h2>${operations.join('\n')}</section>`,
  );
  const shapes = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<article id="shape-${escaped(name)}"><h3>${escaped(name)}</h3><p>${prose(schema.description ?? '')}</p>${fieldsOf(schema)}</article>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The API of Nightshift</title>
<link rel="stylesheet" href="/api/docs.css">
</head>
<body>
<header><h1>The API of Nightshift <small>${escaped(info.version)}</small></h1>
<p>${prose(lead)} As a document for programs: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI 3.1).</p>
<ul>${points.map((point) => `<li>${prose(point)}</li>`).join('\n')}</ul>
<pre>curl -H "Authorization: Bearer $TOKEN" https://HOST/api/v1/environments</pre>
<nav>${[...byTag.keys()].map((tag) => `<a href="#${escaped(tag)}">${escaped(tag)}</a>`).join(' ')} <a href="#shapes">shapes</a></nav>
</header>
<main>
${sections.join('\n')}
<section id="shapes"><h2>Shapes</h2>
${shapes.join('\n')}
</section>
</main>
</body>
</html>
`;
}

export const docsStyle = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 62rem; padding: 1rem; }
h1 small { font-weight: normal; opacity: .7; }
h2 { margin: 2rem 0 .5rem; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
a { color: light-dark(#0b5394, #8ab8f0); }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { overflow-x: auto; padding: .5rem; background: light-dark(#f2f2f2, #222); }
details { border-top: 1px solid light-dark(#ccc, #444); }
summary { cursor: pointer; padding: .5rem 0; overflow-wrap: anywhere; }
.method { display: inline-block; min-width: 4.5em; font-weight: 600; }
.get { color: light-dark(#1a6b2d, #7fd18f); }
.delete { color: light-dark(#a11, #ff9a9a); }
table { border-collapse: collapse; margin: .5rem 0 1rem; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; overflow-wrap: anywhere; }
th { font-weight: normal; width: 14rem; }
tr + tr { border-top: 1px solid light-dark(#eee, #333); }
@media (max-width: 40rem) { tr { display: block; padding: .25rem 0; } th, td { display: block; width: auto; padding: 0; } }
`;
