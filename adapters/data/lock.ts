/**
 * The lock of a data directory: one process at a time. It is a file with pid and start time of its holder; a holder
 * that no longer lives is replaced, one that lives never is, whatever its file looks like.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ValenceError } from "../../engine/errors.js";

export interface DataLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** Start time of the process in clock ticks since boot: a pid that was given out again is another process. */
  readonly startedTicks: string;
}

/** Field 22 of /proc/<pid>/stat (man 5 proc); empty where there is no /proc or no such process. */
function startedTicks(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function lives({ pid, startedTicks: recorded }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return recorded === "" || recorded === startedTicks(pid);
}

/** Pid of the living process that works on `dir`; a lock left by a dead one does not count. Takes nothing. */
export function holderOf(dir: string): number | undefined {
  const holder = readHolder(join(dir, "valence.pid"));
  return typeof holder === "object" && lives(holder) ? holder.pid : undefined;
}

/** @throws ValenceError `data_locked` */
export function lockData(dir: string): DataLock {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, "valence.pid");
  const mine = `${file}.${process.pid}`;
  const holder: Holder = { pid: process.pid, startedTicks: startedTicks(process.pid) };
  writeFileSync(mine, JSON.stringify(holder), { mode: 0o600 });
  try {
    for (let round = 0; round < 3; round++) {
      try {
        // A link appears whole or not at all, so nobody reads half a lock.
        linkSync(mine, file);
        return { release: () => releaseIfMine(file, holder) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const other = readHolder(file);
      if (other && lives(other)) {
        throw new ValenceError(
          "data_locked",
          `process ${other.pid} works on ${dir}; stop it, or choose another folder with --data`,
        );
      }
      rmSync(file, { force: true });
    }
    throw new ValenceError("data_locked", `several processes are trying to open ${dir} at the same time`);
  } finally {
    rmSync(mine, { force: true });
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function releaseIfMine(file: string, holder: Holder): void {
  if (readHolder(file)?.pid === holder.pid) rmSync(file, { force: true });
}
