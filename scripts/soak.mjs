/** `npm run soak -- --minutes N`: installs and builds if needed, and simulates fresh seeds for so long. */
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
  const program = [
    "--enable-source-maps",
    at("dist/test/simulation/main.js"),
    ...withMinutes(process.argv.slice(2)),
  ];
  process.exitCode = (await node(program)).code;
}
