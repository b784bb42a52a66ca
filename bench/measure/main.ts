/**
 * `npm run measure -- <name> [options]`: one measurement beside the contestants, to bench/results/<name>.json and
 * docs/benchmarks.md. Progress on stderr, tables on stdout. Exit 2 on usage; a target that is missed is a result.
 */
import { root } from "../../test/support/checkout.js";
import { endWithSignals } from "../contestants/child.js";
import { machine, versions } from "../machine.js";
import { UsageError } from "../options.js";
import { type Found, isMet, shown } from "../report/section.js";
import { writeDocument, writeResults } from "../report/write.js";
import { readFlags, usageOf } from "./flags.js";
import { measures } from "./index.js";
import type { Measure } from "./measure.js";

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const dry = { dry: { preset: false, help: "print, and write neither results nor document" } } as const;

const usage = `npm run measure -- <name> [options]
${measures.map(({ section, flags }) => `  ${section.name.padEnd(10)} ${section.title}\n${usageOf({ ...flags, ...dry })}`).join("")}`;

async function run({ section, flags, measure }: Measure, args: readonly string[]): Promise<void> {
  const values = readFlags({ ...flags, ...dry }, args);
  const taken = { takenAt: new Date().toISOString(), machine: machine() };
  const figures = await measure(values, say);
  const targets = section.targets(figures).map((target) => ({ ...target, met: isMet(target) }));
  process.stdout.write(shown(section, figures));
  if (!values.dry) {
    const { dry: _, ...settings } = values;
    const found: Found<unknown> = { ...taken, versions: await versions([]), settings, targets, figures };
    const written = [writeResults(root, section.name, found), ...writeDocument(root)];
    say(`written: ${written.join(", ")}`);
  }
}

endWithSignals();
const [name, ...args] = process.argv.slice(2);
try {
  if (name === undefined || process.argv.includes("--help")) process.stdout.write(usage);
  else {
    const measure = measures.find(({ section }) => section.name === name);
    if (!measure) throw new UsageError(`there is no measurement ${name}`);
    await run(measure, args);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  say(`${error.message}\n${usage}`);
  process.exitCode = 2;
}
