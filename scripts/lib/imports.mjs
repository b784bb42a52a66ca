/** The import rules of .dependency-cruiser.cjs, applied to a tree. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import { at } from "./paths.mjs";

const { forbidden, options } = createRequire(import.meta.url)("../../.dependency-cruiser.cjs");
const folders = ["engine", "atoms", "adapters", "test", "scripts", "bench", "console/src"];

/**
 * @param base the tree; another one than the checkout only in the test of the rules
 * @returns `{ modules, violations: [{ rule, from, to, comment }] }`
 */
export async function checkImports(base = at(".")) {
  const present = folders.filter((folder) => existsSync(path.join(base, folder)));
  const comments = new Map(forbidden.map(({ name, comment }) => [name, comment]));
  const { output } = await cruise(
    present,
    { ...options, tsConfig: undefined, baseDir: base, ruleSet: { forbidden }, validate: true },
    { extensions: [".ts", ".tsx", ".mjs", ".js"] },
    { tsConfig: extractTSConfig(at("tsconfig.json")) },
  );
  const { violations, totalCruised } = output.summary;
  return {
    modules: totalCruised,
    violations: violations.map(({ rule, from, to }) => ({
      rule: rule.name,
      from,
      to,
      comment: comments.get(rule.name),
    })),
  };
}
