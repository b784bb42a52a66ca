/** What is measured: a payment system of two processes that takes signed orders over HTTP, or the floor below all. */

export const contestantNames = [
  "valence-postgres",
  "valence-nats",
  "valence-amqp",
  "dbos",
  "bullmq",
  "floor",
] as const;
export type ContestantName = (typeof contestantNames)[number];

export const isContestant = (name: string): name is ContestantName =>
  contestantNames.some((each) => each === name);

/** Where a contestant runs. */
export interface Site {
  /** An empty database of its own. */
  readonly databaseUrl: string;
  /** The channel it charges at. */
  readonly channelUrl: string;
  /** For files of this run; removed afterwards. */
  readonly folder: string;
  /** Given to each of its node processes. */
  readonly nodeArgs: readonly string[];
}

/** A process whose processor time is accounted for. */
export interface Watched {
  readonly name: string;
  readonly pid: number;
  /** Where it counts what it does, if it does. */
  readonly metricsUrl?: string;
}

export interface RunningContestant {
  /** Orders are posted here. */
  readonly baseUrl: string;
  /** Its own processes. */
  readonly processes: readonly Watched[];
  /** Servers it uses beside PostgreSQL. */
  readonly brokers: readonly Watched[];
  /** Where people look at it, if they can. */
  readonly admin?: { readonly url: string; readonly token: string };
  stop(): Promise<void>;
}

/** Starts a contestant. @throws Error with what its processes said when it does not get ready */
export type Start = (site: Site) => Promise<RunningContestant>;
