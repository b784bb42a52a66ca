/**
 * Mocha's `spec` reporter plus two things:
 * - the counts go, as JSON, to the file named by VALENCE_TEST_COUNTS: `{ passed, failed, skipped, failures }`, the
 *   last one a text for each test that failed;
 * - a process that is still alive 10 s after its last test has leaked a timer, socket or server: what is open is
 *   listed, one more failure is counted, and the process ends.
 */
import { writeFileSync } from "node:fs";
import { reporters, Runner } from "mocha";

const leakGraceMs = 10_000;

export default class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failures = [];
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test, error) =>
      failures.push(`${test.titlePath().join(" > ")}\n${indented(error.stack ?? String(error))}`),
    );
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes: passed, failures: failed, pending: skipped } = this.stats;
      record({ passed, failed, skipped, failures });
      // Unreferenced: it fires only if something else keeps the process alive.
      setTimeout(() => {
        const open = process.getActiveResourcesInfo().join(", ") || "nothing node knows of";
        const leak = `leak: still running ${leakGraceMs / 1000} s after the last test; open: ${open}`;
        process.stderr.write(`${leak}\n`);
        record({ passed, failed: failed + 1, skipped, failures: [...failures, leak] });
        // Mocha sets the exit code to its own count of failures at exit; who registers later has the last word.
        process.on("exit", () => (process.exitCode = 1));
        process.exit();
      }, leakGraceMs).unref();
    });
  }
}

const indented = (text) => text.replace(/^/gm, "    ");

function record(counts) {
  const file = process.env["VALENCE_TEST_COUNTS"];
  if (file) writeFileSync(file, JSON.stringify(counts));
}
