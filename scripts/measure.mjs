/**
 * `npm run measure -- <name> [options]`: installs and builds what is needed, brings up the servers of the measurement,
 * and runs bench/measure/main.ts. `--help` names them all.
 */
import { harness, valueOf } from "./lib/harness.mjs";

const brokers = { postgres: [], nats: ["nats"], amqp: ["rabbitmq"] };
/** PostgreSQL, and the brokers of `--bus a,b`. */
const onBuses = (args, preset) => {
  const chosen = (valueOf(args, "bus") ?? preset).split(",");
  return ["postgres", ...chosen.flatMap((bus) => brokers[bus] ?? [])];
};

/** What each measurement needs; bench/measure/main.ts judges the names. */
const needs = {
  step: () => [],
  growth: () => ["postgres"],
  search: () => ["postgres"],
  queue: () => ["postgres"],
  memory: (args) => onBuses(args, "postgres"),
  start: () => ["postgres"],
  loads: (args) => onBuses(args, "postgres"),
  console: (args) => onBuses(args, "postgres"),
  bulkhead: (args) => onBuses(args, "postgres,amqp,nats"),
};

const args = process.argv.slice(2);
const [name = "--help"] = args;
await harness({
  program: "dist/bench/measure/main.js",
  args: name === "--help" ? ["--help"] : args,
  services: needs[name]?.(args) ?? [],
});
