/** The machine: runtime and disk. */
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Check } from "../../../engine/ports/check.js";

/** What package.json asks for (`engines`). */
const nodeMin = [20, 19] as const;

export function nodeCheck(version: string = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const detail = `Node.js ${version}`;
  if (major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1]))
    return { name: "runtime", state: "ok", detail };
  return { name: "runtime", state: "fail", detail, next: `install Node.js ${nodeMin.join(".")} or later` };
}

/** Below the first a full disk is near, below the second it is here. */
const freeBytesWarn = 1024 ** 3;
const freeBytesMin = 100 * 1024 ** 2;

export async function diskCheck(dataDir: string): Promise<Check> {
  const { bavail, bsize } = await statfs(existing(resolve(dataDir)));
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free for ${dataDir}`;
  if (free >= freeBytesWarn) return { name: "disk", state: "ok", detail };
  const next = "make room: a database that cannot write stops taking orders";
  return { name: "disk", state: free < freeBytesMin ? "fail" : "warn", detail, next };
}

/** The nearest folder that is there. */
const existing = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
