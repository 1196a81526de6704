/** The daemon and a monitor are killed outright, at moments that nobody chose; then the accounts are compared. */
import { join } from 'node:path';
import { Random } from '../simulation/random.ts';
import { instanceGroup, processesIn } from './groups.ts';
import {
  dueTimesAreTrue,
  exitsAreTrue,
  linesAreWhole,
  mustStillTalk,
  openTalk,
  runsOf,
  shop,
  talker,
} from './shop.ts';
import { type Transcript, uptime } from './transcript.ts';
import { answeringPid, daemonPid, daemonReady, startSeconds, successorOf, systemctl, unit } from './unit.ts';
import { elapse, must, until } from './until.ts';

export interface Campaign {
  readonly rounds: number;
  readonly seed: number;
}

/** A killed monitor is to be noticed within ten seconds on a real processor. */
const noticedSeconds = 20;

export async function checkKills(transcript: Transcript, { rounds, seed }: Campaign): Promise<void> {
  const random = new Random(seed);
  const program = await talker();
  let start = 0;
  await transcript.check('systemctl restart, for the figure', async () => {
    await systemctl('restart', unit);
    await daemonReady();
    start = await startSeconds();
    await mustStillTalk(program);
    return `the daemon answers ${start.toFixed(1)} s after its start`;
  });
  transcript.say(`  kill -9 of the daemon, ${rounds} rounds of seed ${seed}`);

  for (let round = 1; round <= rounds; round++) {
    await transcript.check(
      `round ${round}: killed at a random moment, systemd starts it, the worker is not disturbed`,
      async () => {
        const began = uptime();
        const pid = await daemonPid();
        // Every other moment lies within its start, which is the delicate time.
        await elapse(random.fraction() * start * (round % 2 === 1 ? 0.8 : 2));
        const was = (await answeringPid()) === pid ? 'serving' : 'starting';
        process.kill(pid, 'SIGKILL');
        const age = uptime() - began;
        await successorOf(pid);
        await mustStillTalk(program);
        return `${was} for ${age.toFixed(1)} s, pid ${program.pid} runs on`;
      },
    );
  }

  await transcript.check('the daemon that is left alone takes everything up', async () => {
    await daemonReady();
    await mustStillTalk(program);
    return `${(await startSeconds()).toFixed(1)} s after its start`;
  });
  await transcript.check('no line was lost or doubled', linesAreWhole);
  await transcript.check('no exit code was lost or invented', exitsAreTrue);
  await transcript.check('no due time was run twice or lost', dueTimesAreTrue);

  await transcript.check(
    'a killed conmon is noticed, its run ends as lost, and the worker is started again',
    async () => {
      const { id } = await openTalk();
      const monitors = processesIn(join(await instanceGroup(), '_conmon'));
      const monitor = monitors.find(({ command }) => command.includes(id));
      must(monitor !== undefined, 'the run has no monitor');
      const killedAt = Date.now();
      process.kill(monitor.pid, 'SIGKILL');
      const ended = await until('the run to be lost', 60, async () =>
        (await runsOf(shop, 'talk')).find((each) => each.id === id && each.endedAt !== null),
      );
      const seconds = (Date.parse(ended.endedAt ?? '') - killedAt) / 1000;
      must(ended.outcome === 'lost', `the run is ${ended.outcome}: ${ended.reason}`);
      must(seconds < noticedSeconds, `it was noticed after ${seconds.toFixed(1)} s`);
      const next = await talker();
      must(next.pid !== program.pid, 'the worker without a monitor still runs');
      return `after ${seconds.toFixed(1)} s: ${ended.reason}`;
    },
  );
}
