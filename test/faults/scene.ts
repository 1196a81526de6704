/**
 * Where a campaign plays: a data folder, environments with their roots, and one daemon after the other on them. It remembers
 * when a daemon was there, because due times that fell into a gap may be missed.
 */
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { instancesOnRun } from '../../src/runtimes/container/state-folder.ts';
import { isRoot, leftovers, nobody, remnantGroups } from '../system/machine.ts';
import { DaemonProcess } from './daemon-process.ts';
import { mountsWith, populatedRuns, stateOnRun } from './groups.ts';
import { type JobWish, layPrograms } from './programs.ts';

export interface FaultEnvironment {
  readonly name: string;
  readonly root: string;
  readonly jobs: JobWish[];
}

/** Without a daemon: from when to when, wall time in ms. */
export interface Gap {
  readonly from: number;
  readonly until: number;
}

export interface SceneOptions {
  /** Words of NIGHTSHIFT_FAULTS that hold for every daemon. */
  readonly faults?: readonly string[];
  /** Puts the data folder somewhere else than into the scene's own folder. */
  readonly data?: (folder: string) => string;
}

/** Small segments, so that output is rotated all the time. */
const always = ['segment=65536'];

export class Scene {
  readonly folder: string;
  readonly data: string;
  readonly environments: FaultEnvironment[] = [];
  readonly gaps: Gap[] = [];
  readonly #options: SceneOptions;
  #daemon: DaemonProcess | null = null;
  #goneSince: number | null = null;
  #closing = false;
  /** What every daemon said on standard error, the last lines of each. */
  readonly troubles: string[] = [];

  constructor(options: SceneOptions = {}) {
    this.#options = options;
    Scene.#open.add(this);
    // Not below /tmp: runs have a private one.
    this.folder = realpathSync(mkdtempSync('/srv/nightshift-faults-'));
    chmodSync(this.folder, 0o711);
    this.data = options.data?.(this.folder) ?? join(this.folder, 'data');
  }

  static readonly #open = new Set<Scene>();

  static #interrupted = false;

  /** Somebody ends the campaign early: what is being played breaks off, and cleans up after itself. */
  static interrupt(): void {
    Scene.#interrupted = true;
    for (const scene of Scene.#open) void scene.#daemon?.kill();
  }

  static whyNot(): string | null {
    if (!isRoot) return 'it needs root, for containers';
    return existsSync('/srv') ? null : 'there is no folder /srv';
  }

  /** What a daemon's groups are called after; `src/main/data-folder.ts` has the rule. */
  get instance(): string {
    return createHash('sha256').update(this.data).digest('hex').slice(0, 8);
  }

  get daemon(): DaemonProcess {
    if (this.#daemon === null) throw new Error('no daemon was started');
    return this.#daemon;
  }

  /** Starts a daemon and does not wait for it. */
  spawn(...faults: string[]): DaemonProcess {
    this.#daemon = new DaemonProcess(this.data, [...always, ...(this.#options.faults ?? []), ...faults]);
    return this.#daemon;
  }

  /** Starts a daemon; answers false when it died before it was ready, as an injected fault may have it. */
  async start(...faults: string[]): Promise<boolean> {
    if (Scene.#interrupted && !this.#closing) throw new Error('it was interrupted');
    const daemon = this.spawn(...faults);
    const ready = await daemon.ready();
    if (ready) this.#isBack();
    else await this.noteDeath();
    return ready;
  }

  #isBack(): void {
    if (this.#goneSince !== null) this.gaps.push({ from: this.#goneSince, until: Date.now() });
    this.#goneSince = null;
  }

  /** kill -9, at once. */
  async kill(): Promise<void> {
    this.#goneSince ??= Date.now();
    await this.daemon.kill();
    await this.noteDeath();
  }

  /** It is dead already, or about to be. */
  async noteDeath(): Promise<void> {
    await this.daemon.ended;
    this.#goneSince ??= Date.now();
    this.troubles.push(...this.daemon.said.splice(0));
  }

  /** Makes an environment with these jobs; they are started at once. */
  async environment(word: string, plan: string, jobs: readonly JobWish[]): Promise<FaultEnvironment> {
    const name = `${word}-${this.instance}`;
    const root = join(this.folder, name);
    mkdirSync(root);
    const user = nobody();
    chownSync(root, user.uid, user.gid);
    layPrograms(root, user);
    const { daemon } = this;
    await daemon.call('POST', '/environments', { name, root });
    await daemon.call('PUT', `/environments/${name}/component?wait=false`, { plan });
    const environment: FaultEnvironment = { name, root, jobs: [] };
    this.environments.push(environment);
    for (const job of jobs) await this.addJob(environment, job);
    return environment;
  }

  async addJob(environment: FaultEnvironment, job: JobWish): Promise<void> {
    environment.jobs.push(job);
    await this.daemon.call('POST', `/environments/${environment.name}/jobs?wait=false`, job);
  }

  /** Ends everything by the daemon's own means, and answers what is left all the same. */
  async close(): Promise<string[]> {
    this.#closing = true;
    if (!this.daemon.runs) await this.start();
    for (const { name } of this.environments) await this.daemon.call('DELETE', `/environments/${name}`);
    this.environments.length = 0;
    await this.daemon.terminate();
    this.troubles.push(...this.daemon.said);
    return this.left();
  }

  /** What of this scene is on the machine. */
  left(): string[] {
    const state = Object.entries(stateOnRun(this.instance)).flatMap(([kind, names]) =>
      names.map((name) => `${kind}/${name} on /run`),
    );
    return [
      ...leftovers([this.folder, this.data]).map((each) => `process ${each}`),
      ...remnantGroups([this.instance]).map((each) => `group ${each}`),
      ...mountsWith([this.instance]).map((each) => `mount ${each}`),
      ...populatedRuns(this.instance).map((each) => `run ${each}`),
      ...state,
      ...instancesOnRun().flatMap((name) =>
        name.startsWith(this.instance) ? [`/run/nightshift/${name}`] : [],
      ),
    ];
  }

  /** Whatever happened before: nothing of ours stays on the machine. */
  async dispose(): Promise<void> {
    try {
      if (this.#daemon !== null && this.environments.length > 0) await this.close();
    } finally {
      await this.#daemon?.kill();
      Scene.#open.delete(this);
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
