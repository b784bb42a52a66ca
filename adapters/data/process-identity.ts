/** Who a process is, so that another one can tell later whether it still lives. */
import { readFileSync, readlinkSync } from "node:fs";

export interface ProcessIdentity {
  /**
   * Where the pid means something: this boot of this kernel, and the pid namespace. Two containers may share a host
   * name and not their pids. Empty where the system does not tell; then nobody can be declared dead by pid.
   */
  readonly pidSpace: string;
  readonly pid: number;
  /** Start time in clock ticks since boot (field 22 of /proc/<pid>/stat, man 5 proc): tells reused pids apart. */
  readonly startedTicks: string;
}

function ask<T>(question: () => T, otherwise: T): T {
  try {
    return question();
  } catch {
    return otherwise;
  }
}

const pidSpace = ask(
  () =>
    `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`,
  "",
);

/** Empty when there is no such process, or no /proc. */
export function startedTicksOf(pid: number): string {
  return ask(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  }, "");
}

export const ownIdentity = (): ProcessIdentity => ({
  pidSpace,
  pid: process.pid,
  startedTicks: startedTicksOf(process.pid),
});

/** True unless it is certain that the process is gone. */
export function mayLive({ pidSpace: itsSpace, pid, startedTicks }: ProcessIdentity): boolean {
  if (itsSpace !== pidSpace || pidSpace === "") return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return startedTicks === "" || startedTicks === startedTicksOf(pid);
}
