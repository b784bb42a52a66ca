/**
 * Mocha's `spec` reporter plus two things:
 * - the counts go, as JSON, to the file named by VALENCE_TEST_COUNTS: `{ passed, failed, skipped }`;
 * - a process that is still alive 10 s after its last test has leaked a timer, socket or server: what is open is
 *   listed, one more failure is counted, and the process ends.
 */
import { writeFileSync } from "node:fs";
import { reporters, Runner } from "mocha";

const leakGraceMs = 10_000;

export default class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes: passed, failures: failed, pending: skipped } = this.stats;
      record({ passed, failed, skipped });
      // Unreferenced: it fires only if something else keeps the process alive.
      setTimeout(() => {
        const open = process.getActiveResourcesInfo().join(", ") || "nothing node knows of";
        process.stderr.write(
          `leak: still running ${leakGraceMs / 1000} s after the last test; open: ${open}\n`,
        );
        record({ passed, failed: failed + 1, skipped });
        // Mocha sets the exit code to its own count of failures at exit; who registers later has the last word.
        process.on("exit", () => (process.exitCode = 1));
        process.exit();
      }, leakGraceMs).unref();
    });
  }
}

function record(counts) {
  const file = process.env["VALENCE_TEST_COUNTS"];
  if (file) writeFileSync(file, JSON.stringify(counts));
}
