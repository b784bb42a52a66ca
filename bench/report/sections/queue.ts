/** The bus on PostgreSQL after many messages. */
import type { Section, Target } from "../section.js";
import { figure, table } from "../table.js";

export interface QueueWindow {
  /** Consumed by its end, since the beginning. */
  readonly messages: number;
  /** Consumed by a commit that publishes the next one. */
  readonly perSecond: number;
  /** Processor microseconds of PostgreSQL per message. */
  readonly postgresUs: number;
  readonly tableBytes: number;
  readonly indexBytes: number;
  /** By statistics: row versions that vacuum has not taken yet. */
  readonly dead: number;
  readonly vacuums: number;
}

export interface QueueFigures {
  /** Messages of the queue that is served, all the time. */
  readonly backlog: number;
  readonly cases: readonly {
    readonly name: string;
    /** Messages beside them that nobody takes. */
    readonly aside: number;
    readonly windows: readonly QueueWindow[];
  }[];
}

export const lastOverFirstMin = 0.9;

export const lastOverFirst = (windows: readonly QueueWindow[]): number =>
  (windows.at(-1)?.perSecond ?? Number.NaN) / (windows[0]?.perSecond ?? Number.NaN);

const mebibytes = (bytes: number): string => figure(bytes / 2 ** 20, 1);
/** So many rows of a long run are shown; the results file has all. */
const shownMax = 12;

export const shownOf = (windows: readonly QueueWindow[]): readonly QueueWindow[] => {
  const step = Math.max(1, Math.ceil(windows.length / shownMax));
  return windows.filter(
    (_, index) => index === 0 || (index + 1) % step === 0 || index === windows.length - 1,
  );
};

export const queue: Section<QueueFigures> = {
  name: "queue",
  title: "The PostgreSQL bus after many messages",
  what: `Claim, commit, publish: every message is consumed by a unit of work that publishes the next one, so that the backlog stays
what it is while \`bus.messages\` gets and loses row after row. Autovacuum runs as the server has it. The second time there
are messages beside them that nobody takes: half of them ready in a queue that is not served, half delayed for a day in the
one that is.`,
  targets: ({ cases }) =>
    cases.map(({ name, windows }): Target => ({
      of: `messages/s of the last window / first, ${name}`,
      ...{ bar: lastOverFirstMin, is: "least", found: lastOverFirst(windows), digits: 2 },
    })),
  tables: ({ cases, backlog }) =>
    cases.map(({ name, aside, windows }) =>
      table(
        [
          `${name}: backlog ${figure(backlog)}, aside ${figure(aside)}; consumed`,
          ...["messages/s", "PostgreSQL µs per message", "table MiB", "indexes MiB", "dead rows", "vacuums"],
        ],
        shownOf(windows).map((window) => [
          figure(window.messages),
          figure(window.perSecond),
          figure(window.postgresUs),
          mebibytes(window.tableBytes),
          mebibytes(window.indexBytes),
          figure(window.dead),
          figure(window.vacuums),
        ]),
      ),
    ),
};
