/** One mocha process and what came of it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { tools } from "./paths.mjs";
import { interrupted, node } from "./run.mjs";

/** @returns `{ passed, failed, skipped }`; a process that ends without a report, or badly, counts as one failure. */
export async function mocha(args, env) {
  const folder = mkdtempSync(path.join(tmpdir(), "valence-counts-"));
  const file = path.join(folder, "counts.json");
  try {
    const { code } = await node([tools.mocha, ...args], { env: { ...env, VALENCE_TEST_COUNTS: file } });
    const counts = read(file);
    if (!counts) {
      process.stderr.write(`mocha: ended without a report (exit code ${code})\n`);
      return { passed: 0, failed: 1, skipped: 0 };
    }
    if (code !== 0 && counts.failed === 0 && !interrupted) {
      process.stderr.write(`mocha: every test passed, yet the exit code is ${code}\n`);
      return { ...counts, failed: 1 };
    }
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
