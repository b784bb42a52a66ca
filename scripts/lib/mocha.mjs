/** Mocha processes and what came of them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { at, root, tools } from "./paths.mjs";
import { interrupted, node } from "./run.mjs";

export const add = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  failures: [...a.failures, ...b.failures],
});

export const none = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** One failure that no test reported. */
export const failure = (what) => ({ ...none, failed: 1, failures: [what] });

/**
 * One process for all of `args`.
 * @returns `{ passed, failed, skipped, failures }`, the last one a text each; one that ends without a report has failed
 */
export async function mocha(args, env) {
  return (await one(args, env)).counts;
}

/**
 * A process for each list of arguments, `lanes` of them at a time, the first ones first. What a process prints is
 * shown when it has ended.
 */
export async function mochaLanes(lists, env, lanes) {
  const waiting = [...lists];
  let total = none;
  const lane = async () => {
    for (let args = waiting.shift(); args && !interrupted; args = waiting.shift()) {
      const { counts, output } = await one(args, env, "all");
      process.stdout.write(output);
      total = add(total, counts);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return total;
}

/** Test files under a folder of the build, in the order of their names. */
export const testFiles = (folder) =>
  readdirSync(at(folder), { recursive: true })
    .filter((file) => file.endsWith(".test.js"))
    .sort()
    .map((file) => path.join(folder, file));

async function one(args, env, capture) {
  const folder = mkdtempSync(path.join(tmpdir(), "valence-counts-"));
  const file = path.join(folder, "counts.json");
  const colour = capture && process.stdout.isTTY ? ["--color"] : [];
  try {
    const said = await node([tools.mocha, ...args, ...colour], {
      env: { ...env, VALENCE_TEST_COUNTS: file },
      capture,
    });
    return { output: said.output, counts: judged(read(file), said.code, path.relative(root, at(args[0]))) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judged(counts, code, what) {
  if (!counts) return failure(`mocha ${what}: ended without a report (exit code ${code})`);
  const named = { ...counts, failures: counts.failures.map((text) => `${what}: ${text}`) };
  if (code === 0 || counts.failed > 0 || interrupted) return named;
  return add(named, failure(`mocha ${what}: every test passed, yet the exit code is ${code}`));
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
