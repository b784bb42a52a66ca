/**
 * `npm run bench [-- --quick --only a,b …]`: installs and builds what is needed, the peers included, brings up the
 * servers of the chosen contestants, and runs bench/main.ts.
 */
import { harness, valueOf } from "./lib/harness.mjs";
import { ensurePeers } from "./lib/peers.mjs";

/** What each contestant needs beside PostgreSQL. */
const needs = {
  "valence-postgres": {},
  "valence-nats": { service: "nats" },
  "valence-amqp": { service: "rabbitmq" },
  dbos: { peers: true },
  bullmq: { service: "redis", peers: true },
  floor: {},
};

const args = process.argv.slice(2);
/** bench/main.ts judges the names. */
const chosen = valueOf(args, "only")?.split(",") ?? Object.keys(needs);
const wanted = chosen.map((name) => needs[name] ?? {});
await harness({
  program: "dist/bench/main.js",
  args,
  services: ["postgres", ...wanted.flatMap(({ service }) => service ?? [])],
  prepare: async () => !wanted.some(({ peers }) => peers) || (await ensurePeers()),
});
