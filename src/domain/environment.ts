/** An online version of an app, and whether it has a jobs component. */
export interface Environment {
  readonly name: string;
  /** Absolute, real path of the root folder. */
  readonly root: string;
  /** The system user its jobs run as. */
  readonly user: string;
  /** On trial: no component can be booked. */
  readonly trial: boolean;
  /** The plan of its jobs component; null when none is booked. */
  readonly plan: string | null;
  /** All crons held back by a person. */
  readonly paused: boolean;
  /** What its jobs print is shown with the names of secret variables in place of their values, to everybody. */
  readonly maskSecrets: boolean;
  readonly createdAt: number;
}

/** Variables of an environment, in clear; the store seals them. */
export type Variables = Readonly<Record<string, string>>;
