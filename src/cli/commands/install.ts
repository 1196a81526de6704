/** `install` and `uninstall`: the daemon's service on this machine. */
import type { Daemon } from '../../contract/daemon.ts';
import type { Context } from '../context.ts';
import { storeAddress } from '../data-folder.ts';
import { CliFailure } from '../failure.ts';
import type { Deed } from '../local.ts';

export async function install(
  context: Context,
  words: readonly string[],
  { now = false, dryRun = false }: { readonly now?: boolean; readonly dryRun?: boolean },
): Promise<void> {
  const told = teller(context);
  const options = words.length === 0 ? {} : { options: words };
  const running = await runningVersion(context);
  await context.local.install({ data: context.data, now, dryRun, running, ...options }, told.tell);
  // What is missing for containers is best learned now.
  for (const { subject, sentence, remedy } of await context.local.doctor({
    data: context.data,
    store: storeAddress(undefined, context.io),
  })) {
    if (remedy !== null)
      told.tell({ sentence: `note: ${subject}: ${sentence}; to mend it: ${remedy}`, changed: false });
  }
  told.end();
}

export async function uninstall(
  context: Context,
  _words: readonly string[],
  {
    purge = false,
    dryRun = false,
    yes,
  }: { readonly purge?: boolean; readonly dryRun?: boolean; readonly yes?: boolean },
): Promise<void> {
  if (!dryRun) {
    const lost = purge ? ' and remove all that is known of them' : '';
    await context.confirm(`End all jobs, take Nightshift's service away${lost}?`, yes);
  }
  const told = teller(context);
  await context.local.uninstall({ data: context.data, purge, dryRun }, told.tell);
  told.end();
}

/** Each deed as a line when it is done; with `--json` all of them in one document at the end. */
function teller(context: Context): { readonly tell: (deed: Deed) => void; readonly end: () => void } {
  const deeds: Deed[] = [];
  return {
    tell: (deed) => {
      deeds.push(deed);
      if (!context.json) context.say(deed.changed ? deed.sentence : context.paint.dim(deed.sentence));
    },
    end: () => {
      if (context.json) context.show(deeds, () => '');
    },
  };
}

async function runningVersion(context: Context): Promise<string | null> {
  try {
    return (await context.client.get<Daemon>('/daemon')).version;
  } catch (thrown) {
    if (thrown instanceof CliFailure) return null;
    throw thrown;
  }
}
