/**
 * The lock of a data directory: one process at a time. It is a file with pid and start time of its holder; a holder
 * that no longer lives is replaced, one that lives never is, whatever its file looks like.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ValenceError } from "../../engine/errors.js";
import { startedTicksOf } from "./process-identity.js";

export interface DataLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** Start time of the process in clock ticks since boot: a pid that was given out again is another process. */
  readonly startedTicks: string;
}

function lives({ pid, startedTicks: recorded }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return recorded === "" || recorded === startedTicksOf(pid);
}

/** Pid of the living process that works on `dir`; a lock left by a dead one does not count. Takes nothing. */
export function holderOf(dir: string): number | undefined {
  const holder = readHolder(join(dir, "valence.pid"));
  return isHolder(holder) && lives(holder) ? holder.pid : undefined;
}

/** How often, and after how many milliseconds, a dead holder's lock is looked at again while another removes it. */
const rounds = 200;
const pauseMs = 5;

/** @throws ValenceError `data_locked` */
export function lockData(dir: string): DataLock {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, "valence.pid");
  const mine = `${file}.${process.pid}`;
  const holder: Holder = { pid: process.pid, startedTicks: startedTicksOf(process.pid) };
  writeFileSync(mine, JSON.stringify(holder), { mode: 0o600 });
  try {
    for (let round = 0; round < rounds; round++) {
      const other = take(file, mine);
      if (other === undefined) return { release: () => removeIfOf(file, holder) };
      if (other !== "busy") {
        throw new ValenceError(
          "data_locked",
          `process ${other.pid} works on ${dir}; stop it, or choose another folder with --data`,
        );
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
    throw new ValenceError("data_locked", `several processes are trying to open ${dir} at the same time`);
  } finally {
    rmSync(mine, { force: true });
  }
}

/**
 * Takes the lock `file` by linking `mine` to it: a link appears whole or not at all. Gives the living holder when
 * there is one, and `busy` when somebody else is removing a dead one's lock.
 *
 * Removing is the dangerous part: whoever has seen the dead holder a moment ago would remove the lock of its
 * successor. So it needs a lock of its own, one for each dead holder, under which the file is read once more; the
 * dead do not come back, so what is removed is theirs. A process that dies there is treated in the same way.
 */
function take(file: string, mine: string): Holder | "busy" | undefined {
  if (linked(mine, file)) return undefined;
  const other = readHolder(file);
  if (other === "gone") return "busy";
  if (other !== "unreadable" && lives(other)) return other;
  const grave = `${file}.${other === "unreadable" ? other : `${other.pid}-${other.startedTicks}`}`;
  if (take(grave, mine) !== undefined) return "busy";
  removeIfOf(file, other);
  rmSync(grave, { force: true });
  return linked(mine, file) ? undefined : "busy";
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

/** `unreadable`: what a power loss leaves of a file that was never flushed. */
function readHolder(file: string): Holder | "unreadable" | "gone" {
  try {
    const { pid, startedTicks } = JSON.parse(readFileSync(file, "utf8")) as Partial<Holder>;
    return typeof pid === "number" && typeof startedTicks === "string" ? { pid, startedTicks } : "unreadable";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : "unreadable";
  }
}

function removeIfOf(file: string, holder: Holder | "unreadable"): void {
  const found = readHolder(file);
  if (found === holder || (isHolder(found) && isHolder(holder) && isSame(found, holder))) {
    rmSync(file, { force: true });
  }
}

const isHolder = (found: Holder | "unreadable" | "gone"): found is Holder => typeof found === "object";
const isSame = (one: Holder, other: Holder): boolean =>
  one.pid === other.pid && one.startedTicks === other.startedTicks;
