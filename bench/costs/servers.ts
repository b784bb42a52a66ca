/** Finds the process behind a server's URL, whoever started it, by the port it listens on (Linux, same user or root). */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { pids, procStat } from "./proc.js";

/** State LISTEN in /proc/net/tcp. Source: proc(5), include/net/tcp_states.h. */
const listening = "0A";

/** The inode of the socket that listens on `port`, from the text of /proc/net/tcp. */
export function listeningInode(table: string, port: number): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === listening)?.[9];
}

/** `undefined` for what is gone by now, or somebody else's. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function holds(pid: number, inode: string): boolean {
  const descriptors = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  const wanted = `socket:[${inode}]`;
  return descriptors.some((each) => attempt(() => readlinkSync(`/proc/${pid}/fd/${each}`)) === wanted);
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  const presets: Readonly<Record<string, number>> = {
    "postgres:": 5432,
    "postgresql:": 5432,
    "amqp:": 5672,
    "nats:": 4222,
    "redis:": 6379,
  };
  return port === "" ? (presets[protocol] ?? 0) : Number(port);
}

/** Undefined when it runs elsewhere, or cannot be seen. */
export function serverPid(url: string): number | undefined {
  const inode = ["/proc/net/tcp", "/proc/net/tcp6"]
    .map((file) => listeningInode(attempt(() => readFileSync(file, "utf8")) ?? "", portOf(url)))
    .find((found) => found !== undefined);
  if (inode === undefined) return undefined;
  const holders = pids().filter((pid) => holds(pid, inode));
  // Forked backends may hold their parent's listening socket, too.
  return holders.find((pid) => !holders.includes(procStat(pid)?.parent ?? 0));
}

/** None when it cannot be found: then its processor time is left out. */
export function watchedServer(name: string, url: string): readonly { name: string; pid: number }[] {
  const pid = serverPid(url);
  return pid === undefined ? [] : [{ name, pid }];
}
