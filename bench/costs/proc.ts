/** Processor time of processes, from /proc (Linux). Elsewhere nothing is known, and nothing is said. */
import { readdirSync, readFileSync } from "node:fs";

/** `sysconf(_SC_CLK_TCK)`: 100 on every Linux that node runs on. */
const ticksPerSecond = 100;

export interface ProcStat {
  readonly parent: number;
  /** User and system time of all its threads. */
  readonly ownSeconds: number;
  /** Of children that have ended and were waited for. */
  readonly endedChildrenSeconds: number;
}

/** Reads the text of /proc/PID/stat: the command in it is in parentheses and may hold anything. Source: proc(5). */
export function parseStat(text: string): ProcStat {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // `fields[0]` is field 3 of the man page, the state.
  const seconds = (first: number): number =>
    (Number(fields[first - 3]) + Number(fields[first - 2])) / ticksPerSecond;
  return { parent: Number(fields[1]), ownSeconds: seconds(14), endedChildrenSeconds: seconds(16) };
}

/** Undefined when there is no such process, or no /proc. */
export function procStat(pid: number): ProcStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/** Every process of the machine. */
export function pids(): readonly number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Of this process alone. */
export const ownSeconds = (pid: number): number => procStat(pid)?.ownSeconds ?? Number.NaN;

/** Of this process and its children, ended ones included: servers that fork. Grandchildren are not looked for. */
export function treeSeconds(pid: number): number {
  const server = procStat(pid);
  if (!server) return Number.NaN;
  return pids()
    .map(procStat)
    .filter((stat) => stat?.parent === pid)
    .reduce((sum, stat) => sum + (stat?.ownSeconds ?? 0), server.ownSeconds + server.endedChildrenSeconds);
}
