/**
 * `npm run soak -- --chaos --minutes N [--bus postgres,amqp,nats] [--orders N] [--kills N] [--seed FIRST]`: fresh seeds
 * of chaos on real servers, one bus after the other, until the time is up or one has failed.
 */
import { parseArgs } from "node:util";
import { busKinds } from "../buses.js";
import { chaos } from "./run.js";

const { values } = parseArgs({
  options: {
    chaos: { type: "boolean" },
    minutes: { type: "string", default: "5" },
    bus: { type: "string", default: "postgres,amqp,nats" },
    orders: { type: "string", default: "2000" },
    kills: { type: "string", default: "3" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const names = { postgres: "PostgreSQL", amqp: "RabbitMQ", nats: "NATS JetStream" } as const;
const wanted = values.bus.split(",").map((bus) => names[bus as keyof typeof names]);
const kinds = busKinds.filter(({ name }) => wanted.includes(name));

type Counts = Readonly<Record<string, number>>;
const add = (total: Record<string, number>, more: Counts): void => {
  for (const [what, count] of Object.entries(more)) total[what] = (total[what] ?? 0) + count;
};
const told = (counts: Counts): string =>
  Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(", ");

const untilMs = Date.now() + Number(values.minutes) * 60_000;
const total = { orders: 0, states: {}, kills: {}, faults: {} };
let runs = 0;
try {
  while (runs === 0 || Date.now() < untilMs) {
    const { name } = kinds[runs % kinds.length] ?? { name: "PostgreSQL" };
    const seed = Number(values.seed) + runs;
    const serverKills = Number(values.kills);
    const kills = { serverKills, otherKills: 10 * serverKills };
    const options = { bus: name, seed, orders: Number(values.orders), ...kills };
    const report = await chaos(options);
    process.stdout.write(
      `${name}, seed ${seed}: ${told(report.states)}; killed ${told(report.kills)}; ` +
        `misbehaved ${told(report.faults)}; ${Math.round(report.elapsedMs / 1000)} s\n`,
    );
    total.orders += report.orders;
    for (const what of ["states", "kills", "faults"] as const) add(total[what], report[what]);
    runs++;
  }
} catch (error) {
  process.exitCode = 1;
  process.stdout.write(`seed ${Number(values.seed) + runs} failed: ${String(error)}\n`);
}
process.stdout.write(
  `${runs} runs, ${total.orders} orders: ${told(total.states)}; killed ${told(total.kills)}; misbehaved ${told(total.faults)}\n`,
);
