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
});

export const none = { passed: 0, failed: 0, skipped: 0 };

/** One process for all of `args`. @returns `{ passed, failed, skipped }`; one that ends without a report has failed. */
export async function mocha(args, env) {
  return (await one(args, env)).counts;
}

/**
 * A process for each test file under `folder`, `lanes` of them at a time: slow tests wait more than they work. What
 * a file prints is shown when it has ended.
 */
export async function mochaEach(folder, args, env, lanes) {
  const files = readdirSync(at(folder), { recursive: true }).filter((file) => file.endsWith(".test.js"));
  const waiting = files.sort().map((file) => path.join(folder, file));
  let total = none;
  const lane = async () => {
    for (let file = waiting.shift(); file && !interrupted; file = waiting.shift()) {
      const { counts, output } = await one([file, ...args], env, "all");
      process.stdout.write(output);
      total = add(total, counts);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return total;
}

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
  if (!counts) {
    process.stderr.write(`mocha ${what}: ended without a report (exit code ${code})\n`);
    return { ...none, failed: 1 };
  }
  if (code !== 0 && counts.failed === 0 && !interrupted) {
    process.stderr.write(`mocha ${what}: every test passed, yet the exit code is ${code}\n`);
    return { ...counts, failed: 1 };
  }
  return counts;
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
