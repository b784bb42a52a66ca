import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { whenVerifying } from "../../support/buses.js";
import { root, withTree } from "../../support/checkout.js";
import { runProgram, type Ended } from "../../support/process.js";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
}

/** Runs one test file with our reporter. */
const mocha = (source: string): Promise<Ended & { counts: Counts }> =>
  withTree({ "a.test.mjs": source }, async (folder) => {
    const file = path.join(folder, "counts.json");
    const args = [path.join(root, "node_modules/mocha/bin/mocha.js"), "--no-config"];
    args.push("--reporter", path.join(root, "scripts/lib/reporter.mjs"), "a.test.mjs");
    const ended = await runProgram(process.execPath, args, {
      cwd: folder,
      env: { VALENCE_TEST_COUNTS: file },
    });
    return { ...ended, counts: JSON.parse(readFileSync(file, "utf8")) as Counts };
  });

describe("the reporter", () => {
  it("counts what passed, failed and was skipped, says what failed, and mocha's exit code says so", async () => {
    const {
      code,
      counts: { failures, ...counts },
    } = await mocha(`
      it("a", () => {}); it("b", () => {}); it("c", () => { throw new Error("c"); }); it.skip("d", () => {});`);
    assert.deepEqual(counts, { passed: 2, failed: 1, skipped: 1 });
    assert.equal(failures.length, 1);
    assert.match(failures[0]!, /^c\n {4}Error: c\n/);
    assert.notEqual(code, 0);
  });

  whenVerifying(
    "a test that leaves a server open fails the run, which ends and names what is open",
    async () => {
      const {
        code,
        counts: { failures, ...counts },
        stderr,
      } = await mocha(`
      import { createServer } from "node:net";
      it("leaks", (done) => { createServer().listen(0, "127.0.0.1", done); });`);
      assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 0 });
      assert.equal(code, 1);
      assert.match(stderr, /leak: .*TCPServerWrap/);
      assert.match(failures.join(), /^leak: .*TCPServerWrap/);
    },
  );
});
