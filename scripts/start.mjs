/**
 * `npm start [-- options]`: installs and builds if that is needed, then becomes `valence up [options]`.
 * "Becomes": the command runs in this process, so that signals and exit code are its own.
 */
import { ensureBuilt } from "./lib/build.mjs";
import { ensureConsoleBuilt } from "./lib/console.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { at } from "./lib/paths.mjs";
import { pathToFileURL } from "node:url";

if ((await ensureInstalled()) && (await ensureBuilt()) && (await ensureConsoleBuilt())) {
  const launcher = at("bin/valence");
  process.argv = [process.argv[0], launcher, "up", ...process.argv.slice(2)];
  await import(pathToFileURL(launcher).href);
} else {
  process.exitCode = 1;
}
