/**
 * `npm test` and `npm run verify` (`--verify`: VALENCE_VERIFY=1, the full matrix).
 *
 * Installs, brings up the servers, builds, checks (lint, format, imports), runs the fast tests and then the slow
 * ones. Each check counts as one passed or failed. What failed is listed at the end; the last line is
 * `N passed, N failed` (`, N skipped` may follow).
 *
 * For developers: `npm test -- test/engine/money.test.ts --grep rounding` builds and runs just that: file names may
 * be given as sources, everything else goes to mocha as it is.
 */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { build } from "./lib/build.mjs";
import { ensureConsoleBuilt } from "./lib/console.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { add, failure, mocha, mochaLanes, none, testFiles } from "./lib/mocha.mjs";
import { at, root, tools } from "./lib/paths.mjs";
import { catchSignals, interrupted, node, signalCode } from "./lib/run.mjs";
import { bringDown, bringUp, serviceEnvironment } from "./lib/services.mjs";

const services = ["postgres", "rabbitmq", "nats", "prometheus", "chromium"];
/** Two: as many as the cores this must run on. The full matrix measures while it loads, and wants them for itself. */
const lanes = 2;
/** Slow tests wait more than they work: a process for each file. Fast ones share one with those of their folder. */
const slow = () => testFiles("dist/test/slow").map((file) => [file, "--forbid-only", "--timeout", "120000"]);
const fast = () =>
  [...foldersIn("dist/test/adapters"), ...foldersIn("dist/test")]
    .filter((folder) => folder !== "dist/test/slow" && folder !== "dist/test/adapters")
    .filter((folder) => testFiles(folder).length > 0)
    .map((folder) => [`${folder}/**/*.test.js`, "--forbid-only"]);
const foldersIn = (folder) =>
  readdirSync(at(folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${folder}/${name}`);
/** They read sources only, so they run beside the compiler; what they print is shown when they have ended. */
const checks = [
  {
    title: "lint",
    args: [tools.eslint, "--cache", "--cache-location", "node_modules/.cache/eslint", "."],
  },
  { title: "format", args: [tools.prettier, "--check", "--log-level", "warn", "."] },
  { title: "imports", args: [at("scripts/check-imports.mjs")] },
];

const verify = process.argv.includes("--verify");
const own = process.argv.slice(2).filter((arg) => arg !== "--verify");
let total = none;

const say = (title) => process.stdout.write(`\n== ${title}\n`);

async function check(title, pass) {
  if (interrupted) return false;
  say(title);
  const passed = await pass();
  total = add(total, passed ? { ...none, passed: 1 } : failure(title));
  if (!passed) process.stdout.write(`${title}: failed\n`);
  return passed;
}

/** Takes the next check until there is none; two may do so side by side. */
async function checkSources(waiting) {
  for (let next = waiting.shift(); next && !interrupted; next = waiting.shift()) {
    const { title, args } = next;
    const { code, output } = await node(args, { capture: "all" });
    await check(title, () => {
      process.stdout.write(output);
      return code === 0;
    });
  }
}

async function stage(title, tests) {
  if (interrupted) return;
  say(title);
  const counts = await tests();
  total = add(total, counts);
  if (counts.passed + counts.failed > 0 || interrupted) return;
  total = add(total, failure(`${title}: not a single test ran`));
}

/** `test/a.test.ts` -> `dist/test/a.test.js`; without any file, all tests are meant. */
function chosen() {
  const isTest = (arg) => /\.test\.[jt]s$/.test(arg);
  const args = own.map((arg) =>
    isTest(arg) && existsSync(arg)
      ? path.relative(root, path.resolve(arg)).replace(/^(?!dist\/)(.*)\.ts$/, "dist/$1.js")
      : arg,
  );
  return args.some(isTest) ? args : [...args, "dist/test/**/*.test.js"];
}

/** @param servers what `bringUp` said, or will say */
async function tests(servers) {
  if (!(await check("services", async () => (await servers).ok))) return;
  const env = { ...(await serviceEnvironment()), ...(verify ? { VALENCE_VERIFY: "1" } : {}) };
  if (own.length > 0) return await stage("chosen tests", () => mocha(chosen(), env));
  await stage("fast tests", () => mochaLanes(fast(), env, lanes));
  await stage("slow tests", () => mochaLanes(slow(), env, verify ? 1 : lanes));
}

catchSignals();
process.chdir(root);
// Both before the sources are looked at: the linter reads the types of what they import.
const installed = async () =>
  (await Promise.all([ensureInstalled(), ensureInstalled("console")])).every(Boolean);
if (await check("install", installed)) {
  // Servers need a moment to start, the compiler takes a minute, the linter two: side by side on two cores.
  const servers = bringUp(services);
  const waiting = own.length === 0 ? [...checks] : [];
  const checking = checkSources(waiting);
  const built = (await check("build", build)) && (await check("console", ensureConsoleBuilt));
  await Promise.all([checking, checkSources(waiting)]);
  // Tests of a build that failed would be tests of something else.
  try {
    if (built && !interrupted) await tests(servers);
  } finally {
    await bringDown((await servers).started);
  }
}
if (interrupted) total = add(total, failure(`interrupted by ${interrupted}`));
// Once more at the end: what failed an hour of output ago is what the reader looks for.
if (total.failed > 0) process.stdout.write(`\nfailed:\n${total.failures.join("\n\n")}\n`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
process.exitCode = interrupted ? signalCode(interrupted) : total.failed > 0 ? 1 : 0;
