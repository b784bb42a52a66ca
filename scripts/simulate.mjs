/** `npm run simulate -- --seed N [--verbose]`: installs and builds if needed, and replays one seed of the simulation. */
import { ensureBuilt } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { at, root } from "./lib/paths.mjs";
import { catchSignals, node } from "./lib/run.mjs";

catchSignals();
process.chdir(root);
process.exitCode = 1;
if ((await ensureInstalled()) && (await ensureBuilt())) {
  const program = ["--enable-source-maps", at("dist/test/simulation/main.js"), ...process.argv.slice(2)];
  process.exitCode = (await node(program)).code;
}
