/**
 * `npm run bench [-- --quick --only a,b …]`: installs and builds what is needed, the peers included, brings up the
 * servers of the chosen contestants, and runs bench/main.ts.
 */
import { ensureBuilt } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { at, root } from "./lib/paths.mjs";
import { ensurePeers } from "./lib/peers.mjs";
import { catchSignals, node } from "./lib/run.mjs";
import { bringDown, bringUp, serviceEnvironment } from "./lib/services.mjs";

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
/** `--only a,b` or `--only=a,b`; bench/main.ts judges the names. */
const only = args.map((arg, index) => (arg === "--only" ? args[index + 1] : /^--only=(.*)$/.exec(arg)?.[1]));
const chosen = only.find((names) => names !== undefined)?.split(",") ?? Object.keys(needs);
const wanted = chosen.map((name) => needs[name] ?? {});
const services = ["postgres", ...wanted.flatMap(({ service }) => service ?? [])];

catchSignals();
process.chdir(root);
process.exitCode = 1;
const ready = async () =>
  (await ensureInstalled()) &&
  (await ensureBuilt()) &&
  (!wanted.some(({ peers }) => peers) || (await ensurePeers()));
if (args.includes("--help")) {
  if (await ensureBuilt()) process.exitCode = (await node([at("dist/bench/main.js"), "--help"])).code;
} else if (await ready()) {
  const { ok, started } = await bringUp(services);
  try {
    if (ok) {
      const program = ["--enable-source-maps", at("dist/bench/main.js"), ...args];
      process.exitCode = (await node(program, { env: await serviceEnvironment() })).code;
    }
  } finally {
    await bringDown(started);
  }
}
