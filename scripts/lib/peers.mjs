/** bench/peers: packages and a compiler run of its own, needed by the benchmark alone. */
import { at, tools } from "./paths.mjs";
import { outdated } from "./install.mjs";
import { node, run } from "./run.mjs";

const folder = "bench/peers";

/** @returns whether the peers are installed and compiled afterwards. */
export async function ensurePeers() {
  const why = outdated(at(folder, "package-lock.json"), at(folder, "node_modules/.package-lock.json"));
  if (why) {
    process.stderr.write(`install: npm ci in ${folder} (${why})\n`);
    const args = ["ci", "--prefix", at(folder), "--ignore-scripts", "--no-audit", "--no-fund"];
    // Stdout is for results.
    if ((await run("npm", args, { capture: "stdout" })).code !== 0) return false;
  }
  return (await node([tools.tsc, "-p", at(folder, "tsconfig.json")])).code === 0;
}
