/** What a run was taken on and with. */
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import path from "node:path";
import { root } from "../test/support/checkout.js";
import type { ContestantName } from "./contestants/contestant.js";
import { settingsOf } from "./costs/postgres.js";
import type { Machine } from "./report/results.js";

export const machine = (): Machine => ({
  cpus: cpus().length,
  model: cpus()[0]?.model ?? "unknown processor",
  memoryBytes: totalmem(),
  system: `${type()} ${release().split("-", 1)[0] ?? ""}`,
  loadAverage: loadavg()[0] ?? Number.NaN,
});

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifest = (file: string): Manifest =>
  JSON.parse(readFileSync(path.join(root, file), "utf8")) as Manifest;

/** Of what was measured; peers only when they were, PostgreSQL only where there is a URL. */
export async function versions(
  contestants: readonly ContestantName[],
  postgresUrl = process.env["TEST_POSTGRES_URL"],
): Promise<Readonly<Record<string, string>>> {
  const peers = manifest("bench/peers/package.json").dependencies ?? {};
  const own = ([name, packages]: readonly [ContestantName, readonly string[]]): readonly (readonly [
    string,
    string,
  ])[] => (contestants.includes(name) ? packages.map((each) => [each, peers[each] ?? "?"] as const) : []);
  const packages = [
    ["dbos", ["@dbos-inc/dbos-sdk"]],
    ["bullmq", ["bullmq", "ioredis"]],
  ] as const;
  return {
    valence: manifest("package.json").version,
    node: process.versions.node,
    ...(postgresUrl === undefined
      ? {}
      : { PostgreSQL: (await settingsOf(postgresUrl))["server_version"] ?? "?" }),
    ...Object.fromEntries(packages.flatMap(own)),
  };
}
