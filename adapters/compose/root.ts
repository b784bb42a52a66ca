/** Where the product's own files are: definitions, first routes, version. Works from sources and from `dist/`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { DefinitionFile } from "../../engine/schema/definitions.js";

function findRoot(from: string): string {
  return existsSync(join(from, "package.json")) || dirname(from) === from ? from : findRoot(dirname(from));
}

export const productRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

export const productVersion: string = (
  JSON.parse(readFileSync(join(productRoot, "package.json"), "utf8")) as { version: string }
).version;

/**
 * The definition files below a folder, as an operator edits them.
 * @throws Error when the folder cannot be read.
 */
export function readDefinitions(dir: string): readonly DefinitionFile[] {
  const root = resolve(dir);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".json"))
    .sort()
    .map((path) => ({ path: path.replaceAll("\\", "/"), text: readFileSync(join(root, path), "utf8") }));
}
