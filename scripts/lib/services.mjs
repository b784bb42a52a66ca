/** scripts/services for the test run. */
import { at } from "./paths.mjs";
import { run } from "./run.mjs";

const script = at("scripts/services");

/** Starts what is not running. `started` names what has to be stopped again: what ran before keeps running. */
export async function bringUp(names) {
  const started = [];
  for (const name of names) {
    const usable = (await run(script, ["status", name], { capture: "stdout" })).code === 0;
    if (usable) continue;
    started.push(name);
    if ((await run(script, ["up", name])).code !== 0) return { ok: false, started };
  }
  return { ok: true, started };
}

export async function bringDown(names) {
  if (names.length > 0) await run(script, ["down", ...names]);
}

/** TEST_..._URL of every usable service, and TEST_CHROMIUM. */
export async function serviceEnvironment() {
  const { output } = await run("bash", ["-c", `eval "$('${script}' env)" && env -0`], { capture: "stdout" });
  return Object.fromEntries(
    output
      .split("\0")
      .filter((line) => /^TEST_([A-Z]+_URL|CHROMIUM)=/.test(line))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}
