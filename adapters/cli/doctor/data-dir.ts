/** The data directory: who may read it, who works on it, and whether what it says is true. */
import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Check } from "../../../engine/ports/check.js";
import { demoFileOf } from "../../data/demo-file.js";
import { holderOf } from "../../data/lock.js";
import { findDemo } from "../demo.js";

export function dataDirChecks(dir: string): readonly Check[] {
  const path = resolve(dir);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return [absent(path)];
  if (!stat.isDirectory()) {
    const next = "choose another folder with --data";
    return [{ name: "data directory", state: "fail", detail: `${path} is not a folder`, next }];
  }
  return [accessCheck(path, stat.mode), holderCheck(path)];
}

function absent(path: string): Check {
  const parent = dirname(path);
  if (canWrite(parent) || !statSync(parent, { throwIfNoEntry: false }))
    return { name: "data directory", state: "ok", detail: `${path} is not there yet; valence up makes it` };
  const next = "choose another folder with --data";
  return { name: "data directory", state: "fail", detail: `${path} cannot be made in ${parent}`, next };
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function accessCheck(path: string, mode: number): Check {
  const shown = `${path}, mode ${(mode & 0o777).toString(8).padStart(4, "0")}`;
  if (!canWrite(path)) {
    const next = "run as its owner, or choose another folder with --data";
    return { name: "data directory", state: "fail", detail: `${shown}: this user cannot write there`, next };
  }
  if ((mode & 0o077) === 0) return { name: "data directory", state: "ok", detail: shown };
  const next = `chmod 700 ${path}: it keeps payments and secrets`;
  return { name: "data directory", state: "warn", detail: `${shown}: other users may look in`, next };
}

function holderCheck(path: string): Check {
  const pid = holderOf(path);
  if (pid !== undefined) return { name: "lock", state: "ok", detail: `process ${pid} works on it` };
  if (!findDemo(path)) return { name: "lock", state: "ok", detail: "nobody works on it" };
  const detail = `nobody works on it, and ${demoFileOf(path)} is left of a process that died`;
  return { name: "lock", state: "warn", detail, next: "valence up takes over; nothing committed is lost" };
}
