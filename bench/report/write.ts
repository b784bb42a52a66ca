/** Results files, and docs/benchmarks.md from all that there are. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { chart, documentOf } from "./document.js";
import type { Results } from "./results.js";
import { type Found, type Section, sectionText } from "./section.js";
import { sections } from "./sections/index.js";

const resultsOf = (root: string, name: string): string => path.join(root, "bench/results", `${name}.json`);

function read<T>(root: string, name: string): T | undefined {
  const file = resultsOf(root, name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as T) : undefined;
}

/** @returns the file's name, from `root` */
export function writeResults(root: string, name: string, results: unknown): string {
  const file = resultsOf(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  return path.relative(root, file);
}

/** Of every measurement that has left results. */
export const sectionTexts = (root: string): readonly string[] =>
  sections.flatMap((section: Section<never>) => {
    const found = read<Found<never>>(root, section.name);
    return found ? [sectionText(section, found)] : [];
  });

/** @returns the names of the files that were written */
export function writeDocument(root: string): readonly string[] {
  const results = read<Results>(root, "latest");
  const files: Record<string, string> = { "docs/benchmarks.md": documentOf(results, sectionTexts(root)) };
  if (results) files["docs/benchmarks.svg"] = chart(results);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return Object.keys(files);
}
