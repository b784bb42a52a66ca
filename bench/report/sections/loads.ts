/** Where the time of a payment goes, at several loads. */
import { halfLoadP99MsMax } from "../results.js";
import type { Section } from "../section.js";
import { figure, table } from "../table.js";

/** Means per transaction of one kind, milliseconds. */
export interface TransactionMs {
  readonly queueWait: number;
  readonly atoms: number;
  readonly commit: number;
  /** Of them in a second. */
  readonly perSecond: number;
}

export interface LoadPoint {
  /** `10 %`, `closed, 64 in flight`. */
  readonly name: string;
  readonly paymentsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor milliseconds per payment, by process. */
  readonly processorMs: Readonly<Record<string, number>>;
  /** From HTTP request to response at the bridge, orders alone. */
  readonly requestMs: number;
  /** One group commit. */
  readonly groupCommitMs: number;
  readonly unitsPerCommit: number;
  readonly transactions: Readonly<Record<string, TransactionMs>>;
  /** One exchange with the world outside, by atom. */
  readonly exchangesMs: Readonly<Record<string, number>>;
}

export interface LoadsFigures {
  readonly bus: string;
  /** The one at half of the closed-loop rate, if there was any. */
  readonly halfLoad: string;
  readonly points: readonly LoadPoint[];
  readonly failures: readonly string[];
}

type Row = readonly [name: string, of: (point: LoadPoint) => number, digits: number];

/** Every name that any of the points has, in the order of the first. */
const namesOf = (points: readonly LoadPoint[], of: (point: LoadPoint) => object): readonly string[] => [
  ...new Set(points.flatMap((point) => Object.keys(of(point)))),
];

const parts: readonly (readonly [string, keyof TransactionMs])[] = [
  ["queue wait", "queueWait"],
  ["atoms", "atoms"],
  ["commits", "commit"],
];

function timeRows(points: readonly LoadPoint[]): readonly Row[] {
  const transactions = namesOf(points, (point) => point.transactions).flatMap((name) =>
    parts.map(([words, part]): Row => [
      `${name}: ${words}`,
      ({ transactions: { [name]: found } }) => found?.[part] ?? Number.NaN,
      2,
    ]),
  );
  const exchanges = namesOf(points, (point) => point.exchangesMs).map((name): Row => [
    `${name}: the exchange outside`,
    ({ exchangesMs }) => exchangesMs[name] ?? Number.NaN,
    2,
  ]);
  return [
    ["an order's HTTP request, until its answer", ({ requestMs }) => requestMs, 2],
    ...transactions,
    ...exchanges,
    ["one group commit", ({ groupCommitMs }) => groupCommitMs, 2],
  ];
}

const loadRows = (points: readonly LoadPoint[]): readonly Row[] => [
  ["payments/s", ({ paymentsPerSecond }) => paymentsPerSecond, 0],
  ["order to notification, p50 ms", ({ p50Ms }) => p50Ms, 1],
  ["order to notification, p99 ms", ({ p99Ms }) => p99Ms, 1],
  ["units of work per group commit", ({ unitsPerCommit }) => unitsPerCommit, 1],
  ...namesOf(points, ({ processorMs }) => processorMs).map((name): Row => [
    `processor ms per payment: ${name}`,
    ({ processorMs }) => processorMs[name] ?? Number.NaN,
    2,
  ]),
];

const byLoad = (title: string, points: readonly LoadPoint[], rows: readonly Row[]): string =>
  table(
    [title, ...points.map(({ name }) => name)],
    rows.map(([name, of, digits]) => [name, ...points.map((point) => figure(of(point), digits))]),
  );

export const loads: Section<LoadsFigures> = {
  name: "loads",
  title: "Where the time goes",
  what: `Closed loop first, then orders at fixed shares of the rate that was found. Times are means per transaction of that kind,
from the histograms of the processes; a stage that follows another in the same process waits in no queue.`,
  targets: ({ points, halfLoad }) => {
    const half = points.find(({ name }) => name === halfLoad);
    if (!half) return [];
    const bar = { bar: halfLoadP99MsMax, is: "most", digits: 1 } as const;
    return [{ of: `order to notification at ${halfLoad}, p99 ms`, ...bar, found: half.p99Ms }];
  },
  tables: ({ points, bus, failures }) => [
    byLoad(`share of the closed-loop rate, ${bus} bus`, points, loadRows(points)),
    byLoad("mean ms", points, timeRows(points)),
    ...failures.map((failure) => `- ${failure}\n`),
  ],
};
