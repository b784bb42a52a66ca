/** Results as tables: for the terminal and for docs/benchmarks.md. */
import { contestantNames, type ContestantName } from "../contestants/contestant.js";
import { halfLoadP99MsMax, type Figures, type Results } from "./results.js";
import { figure, table } from "./table.js";

export const titles: Readonly<Record<ContestantName, string>> = {
  "valence-postgres": "Valence, PostgreSQL bus",
  "valence-nats": "Valence, NATS",
  "valence-amqp": "Valence, RabbitMQ",
  dbos: "DBOS Transact",
  bullmq: "BullMQ",
  floor: "floor (pgbench)",
};

/** In the order of the design. */
export const measured = ({ contestants }: Results): readonly (readonly [ContestantName, Figures])[] =>
  contestantNames.flatMap((name) => {
    const figures = contestants[name];
    return figures ? [[name, figures] as const] : [];
  });

export const rateTable = (results: Results): string =>
  table(
    ["contestant", "payments/s", "p50 ms", "p99 ms", "p99 ms at half load", "failures"],
    measured(results).map(([name, { paymentsPerSecond, p50Ms, p99Ms, halfLoadP99Ms, failures }]) => [
      titles[name],
      figure(paymentsPerSecond),
      figure(p50Ms, 1),
      figure(p99Ms, 1),
      halfLoadP99Ms === undefined ? "-" : figure(halfLoadP99Ms, 1),
      figure(failures.length),
    ]),
  );

export function targetTable(results: Results): string {
  const rows = results.ratios.map(({ contestant, of, target, found, met }) => [
    `${titles[contestant]}: ${of}`,
    `>= ${figure(target, 2)}`,
    figure(found, 2),
    met ? "met" : `missed by ${figure((1 - found / target) * 100)} %`,
  ]);
  const latencies = measured(results)
    .filter(([name]) => name.startsWith("valence"))
    .flatMap(([name, { halfLoadP99Ms }]) =>
      halfLoadP99Ms === undefined ? [] : [[name, halfLoadP99Ms] as const],
    )
    .map(([name, found]) => [
      `${titles[name]}: p99 ms at half load`,
      `<= ${halfLoadP99MsMax}`,
      figure(found, 1),
      found <= halfLoadP99MsMax ? "met" : `missed by ${figure((found / halfLoadP99MsMax - 1) * 100)} %`,
    ]);
  return table(["target", "bar", "found", ""], [...rows, ...latencies]);
}

export const databaseTable = (results: Results): string =>
  table(
    [
      "per payment",
      "commits",
      "all transactions",
      "inserted",
      "updated",
      "deleted",
      "WAL bytes",
      "connections",
    ],
    measured(results).map(
      ([
        name,
        {
          costs: { database, connections },
        },
      ]) => [
        titles[name],
        figure(database.commits, 2),
        figure(database.transactions, 2),
        figure(database.inserted, 2),
        figure(database.updated, 2),
        figure(database.deleted, 2),
        figure(database.walBytes),
        figure(connections),
      ],
    ),
  );

const parts = ["bridge", "worker", "postgres", "broker", "load", "pgbench"] as const;

export const processorTable = (results: Results): string =>
  table(
    ["processor µs per payment", ...parts, "together"],
    measured(results).map(
      ([
        name,
        {
          costs: { processorMs },
        },
      ]) => [
        titles[name],
        ...parts.map((part) => (processorMs[part] === undefined ? "-" : figure(processorMs[part] * 1000))),
        figure(Object.values(processorMs).reduce((sum, ms) => sum + ms, 0) * 1000),
      ],
    ),
  );

/** The group commit at work; empty where nobody counted it. */
export function engineTable(results: Results): string {
  const rows = measured(results).flatMap(([name, { costs }]) => {
    if (!costs.engine) return [];
    const { commits, units } = costs.engine;
    return [
      [
        titles[name],
        figure(commits, 2),
        figure(units, 2),
        figure(units / commits, 1),
        figure(1 / commits, 1),
      ],
    ];
  });
  if (rows.length === 0) return "";
  return table(
    [
      "engine",
      "group commits per payment",
      "units of work per payment",
      "units per commit",
      "payments per commit",
    ],
    rows,
  );
}

/** Each kind of failure of each contestant; empty when there are none. */
export const failureList = (results: Results): string =>
  measured(results)
    .flatMap(([name, { failures }]) => failures.map((failure) => `- ${titles[name]}: ${failure}\n`))
    .join("");
