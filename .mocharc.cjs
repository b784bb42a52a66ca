"use strict";
// Read by mocha in its own process, so stack traces point to the TypeScript sources without a second node.
process.setSourceMapsEnabled(true);

module.exports = {
  // A real database answers in milliseconds; a test that needs more than this waits for something that never comes.
  timeout: 20_000,
  // Ends by itself or fails: see scripts/lib/reporter.mjs. `exit: true` would hide what a test leaves open.
  exit: false,
  reporter: "./scripts/lib/reporter.mjs",
};
