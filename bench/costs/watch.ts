/** Processor seconds of everybody who takes part in a payment. */
import type { RunningContestant, Watched } from "../contestants/contestant.js";
import { ownSeconds, treeSeconds } from "./proc.js";
import { watchedServer } from "./servers.js";

/** @returns what reads the seconds so far: of its own processes, `postgres`, `broker`, and `load` */
export function watching(
  databaseUrl: string,
  { processes, brokers }: RunningContestant,
  load: Pick<Watched, "pid">,
): () => Readonly<Record<string, number>> {
  const servers = [...watchedServer("postgres", databaseUrl), ...brokers];
  const read = (seconds: (pid: number) => number) => (each: Watched) =>
    [each.name, seconds(each.pid)] as const;
  return () =>
    Object.fromEntries([
      ...[...processes, { name: "load", pid: load.pid }].map(read(ownSeconds)),
      ...servers.map(read(treeSeconds)),
    ]);
}
