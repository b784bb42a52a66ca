/** How the programs of bench/ are started: installed and built, with the servers they need. */
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { at, root } from "./paths.mjs";
import { catchSignals, node } from "./run.mjs";
import { bringDown, bringUp, serviceEnvironment } from "./services.mjs";

/** The value of `--name value` or `--name=value`; the program itself judges it. */
export const valueOf = (args, name) =>
  args
    .map((arg, index) => (arg === `--${name}` ? args[index + 1] : arg.split(`--${name}=`)[1]))
    .find((value) => value !== undefined);

/**
 * Runs `program` with `args` and exits as it does. Servers that were not running are stopped again.
 * @param services what it needs; with `--help`, none of it is started
 * @param prepare further preparations; false: they failed
 */
export async function harness({ program, args, services, prepare = async () => true }) {
  catchSignals();
  process.chdir(root);
  process.exitCode = 1;
  const command = ["--enable-source-maps", at(program), ...args];
  if (args.includes("--help")) {
    if (await ensureBuilt()) process.exitCode = (await node(command)).code;
    return;
  }
  if (!(await ensureInstalled()) || !(await ensureBuilt()) || !(await prepare())) return;
  const { ok, started } = await bringUp(services);
  try {
    if (ok) process.exitCode = (await node(command, { env: await serviceEnvironment() })).code;
  } finally {
    await bringDown(started);
  }
}
