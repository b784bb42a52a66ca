/** The console: packages, type check and build of its own, into console/dist. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { filesUnder, hashOf } from "./files.mjs";
import { ensureInstalled } from "./install.mjs";
import { at, tools } from "./paths.mjs";
import { node } from "./run.mjs";

const folder = "console";
const stamp = at(folder, "dist/.built");

/** Everything the build reads: sources, options, versions of packages. */
const inputs = () => [
  ...["package-lock.json", "tsconfig.json", "vite.config.ts", "index.html"].map((name) => at(folder, name)),
  ...filesUnder(at(folder, "src")),
  ...filesUnder(at(folder, "public")),
];

/**
 * Nothing is done when the last successful build saw the same files.
 * @returns whether console/dist holds a complete build of the present sources.
 */
export async function ensureConsoleBuilt() {
  const sources = hashOf(inputs());
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return true;
  if (!(await ensureInstalled(folder))) return false;
  process.stderr.write("build: console\n");
  rmSync(stamp, { force: true });
  if ((await node([tools.tsc, "-p", at(folder, "tsconfig.json")])).code !== 0) return false;
  // Vite empties dist/ first. Stdout is for results.
  const vite = await node([tools.vite, "build", at(folder), "--logLevel", "warn"], { capture: "stdout" });
  if (vite.code !== 0) return false;
  writeFileSync(stamp, sources);
  return true;
}
