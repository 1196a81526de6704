/** The text of the systemd unit, made of the one in packaging/systemd: only paths differ from machine to machine. */

export const unitName = 'nightshift.service';
export const usualData = '/var/lib/nightshift';
const usualProgram = '/usr/bin/nightshift';

/** Where systemd looks for programs when a unit does not say otherwise. */
export const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin'] as const;

/** What is not written by us begins otherwise, and is not overwritten without a copy. */
export const unitHead =
  '# Written by "nightshift install", which writes it anew: changes belong into "systemctl edit nightshift".\n';

export interface UnitPlaces {
  /** Absolute path of the command. */
  readonly program: string;
  /** Absolute path of the data folder. */
  readonly data: string;
  /** The folder of Node where systemd would not find it, or another one; null where it does. */
  readonly nodeFolder: string | null;
}

/** A path as one word of a unit file: blanks and quotes are escaped, a `%` is no specifier, a `$` no variable. */
export function unitWord(path: string): string {
  const plain = path.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w./@:+,%$-]+$/.test(plain) ? plain : `"${plain.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** @param template the unit of packaging/systemd */
export function unitText(template: string, { program, data, nodeFolder }: UnitPlaces): string {
  const lines = template.split('\n').flatMap((line) => {
    if (line.startsWith('ExecStart=')) {
      const command = line
        .replace(usualProgram, () => unitWord(program))
        .replace(usualData, () => unitWord(data));
      return nodeFolder === null ? [command] : [pathLine(nodeFolder), command];
    }
    if (line.startsWith('RequiresMountsFor=')) return [`RequiresMountsFor=${unitWord(data)}`];
    // systemd makes it below /var/lib only.
    if (line.startsWith('StateDirectory') && data !== usualData) return [];
    return [line];
  });
  return unitHead + lines.join('\n');
}

const pathLine = (nodeFolder: string): string =>
  `Environment="PATH=${[nodeFolder, ...systemPath].join(':').replaceAll('%', '%%')}"`;

/** The data folder that a unit serves, as long as it was written by us and its path is plain. */
export function dataOfUnit(text: string): string | undefined {
  return /^ExecStart=.* --data (?:"((?:[^"\\]|\\.)+)"|(\S+))/m
    .exec(text)
    ?.slice(1)
    .find((each) => each !== undefined)
    ?.replaceAll(/\\(.)/g, '$1')
    .replaceAll('%%', '%')
    .replaceAll('$$', '$');
}

/** Options of `serve` that the administrator wishes; read by the unit, and left alone by every later install. */
export function defaultsText(options: readonly string[]): string {
  return `# Options of "nightshift serve", such as --listen 0.0.0.0:8484 or --trust-proxy 127.0.0.1; split at blanks.
# After a change: systemctl restart nightshift (jobs run on).
NIGHTSHIFT_OPTIONS="${options.join(' ')}"
`;
}
