/**
 * `npm run soak -- --minutes N`: installs and builds if needed, and simulates fresh seeds for so long. With `--chaos`
 * it kills real servers and processes instead.
 */
import { ensureBuilt } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { at, root } from "./lib/paths.mjs";
import { catchSignals, node } from "./lib/run.mjs";

/** Without a word, five minutes. */
const withMinutes = (args) => (args.includes("--minutes") ? args : ["--minutes", "5", ...args]);

catchSignals();
process.chdir(root);
process.exitCode = 1;
if ((await ensureInstalled()) && (await ensureBuilt())) {
  const args = withMinutes(process.argv.slice(2));
  const main = args.includes("--chaos") ? "dist/test/support/chaos/main.js" : "dist/test/simulation/main.js";
  process.exitCode = (await node(["--enable-source-maps", at(main), ...args])).code;
}
