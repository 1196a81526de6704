/** Hands this program and this machine to what makes a service of the one on the other. */
import { join } from 'node:path';
import type { Deed, InstallWishes, UninstallWishes } from '../cli/local.ts';
import { install } from '../install/install.ts';
import { thisMachine } from '../install/machine.ts';
import { uninstall } from '../install/uninstall.ts';
import { version } from './version.ts';

type Tell = (deed: Deed) => void;

/** Of the checkout, or of the package. */
const folder = join(import.meta.dirname, '..', '..');

export async function installService({ options, ...wishes }: InstallWishes, tell: Tell): Promise<void> {
  await install(thisMachine(), { folder, version: await version() }, { ...wishes, options }, tell);
}

export const uninstallService = (wishes: UninstallWishes, tell: Tell): Promise<void> =>
  uninstall(thisMachine(), wishes, tell);
