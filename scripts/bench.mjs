/** `npm run bench`: installs and builds if needed, brings up the servers, and runs bench/main.ts. */
import { ensureBuilt } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { at, root } from "./lib/paths.mjs";
import { catchSignals, node } from "./lib/run.mjs";
import { bringDown, bringUp, serviceEnvironment } from "./lib/services.mjs";

catchSignals();
process.chdir(root);
process.exitCode = 1;
if ((await ensureInstalled()) && (await ensureBuilt())) {
  const { ok, started } = await bringUp(["postgres"]);
  try {
    if (ok) {
      const program = ["--enable-source-maps", at("dist/bench/main.js"), ...process.argv.slice(2)];
      process.exitCode = (await node(program, { env: await serviceEnvironment() })).code;
    }
  } finally {
    await bringDown(started);
  }
}
