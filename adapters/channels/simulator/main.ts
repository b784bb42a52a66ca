/**
 * The institution as a process of its own. Flags first, then `VALENCE_SIMULATOR_*`; the secret comes from the
 * environment only, because arguments are visible to every user of the host. Prints one JSON line when it listens.
 */
import { parseArgs } from "node:util";
import { startSimulator } from "./server.js";

const usage = `usage: VALENCE_SIMULATOR_SECRET=... simulator --ledger FILE [--port 8090] [--host 127.0.0.1]
  [--callback-url URL] [--dedupe] [--seed 1] [--payer-delay-ms 300] [--no-fsync]`;

const { values: flags } = parseArgs({
  options: {
    port: { type: "string" },
    host: { type: "string" },
    ledger: { type: "string" },
    "callback-url": { type: "string" },
    dedupe: { type: "boolean" },
    seed: { type: "string" },
    "payer-delay-ms": { type: "string" },
    "no-fsync": { type: "boolean" },
  },
});

const env = (name: string): string | undefined => process.env[`VALENCE_SIMULATOR_${name}`] || undefined;

function integer(text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  return fail(`"${text}" is not a whole number`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n${usage}\n`);
  process.exit(2);
}

const ledgerFile = flags.ledger ?? env("LEDGER") ?? fail("which ledger file?");
const secret = env("SECRET") ?? fail("VALENCE_SIMULATOR_SECRET is not set");
const callbackUrl = flags["callback-url"] ?? env("CALLBACK_URL");
const host = flags.host ?? env("HOST");

const simulator = await startSimulator({
  port: integer(flags.port ?? env("PORT"), 8090),
  ledgerFile,
  secret,
  dedupe: flags.dedupe ?? env("DEDUPE") === "true",
  seed: integer(flags.seed ?? env("SEED"), 1),
  payerDelayMs: integer(flags["payer-delay-ms"] ?? env("PAYER_DELAY_MS"), 300),
  fsync: !(flags["no-fsync"] ?? env("FSYNC") === "false"),
  ...(host === undefined ? {} : { host }),
  ...(callbackUrl === undefined ? {} : { callbackUrl }),
});
process.stdout.write(
  `${JSON.stringify({ event: "simulator.started", url: simulator.url, pid: process.pid })}\n`,
);

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void simulator.close().then(() => process.exit(0)));
