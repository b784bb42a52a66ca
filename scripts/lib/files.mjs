/** Files of a folder, and what is in them as one hash. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { root } from "./paths.mjs";

/** Absolute paths, sorted; none when there is no such folder. */
export function filesUnder(folder, wanted = () => true) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && wanted(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** Over names, contents and the version of node. */
export function hashOf(files) {
  const hash = createHash("sha256").update(process.version);
  for (const file of files) {
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  }
  return hash.digest("hex");
}
