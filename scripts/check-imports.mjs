/** Checks who imports whom; prints each violation and exits 1 if there is any. */
import { checkImports } from "./lib/imports.mjs";

const { modules, violations } = await checkImports();
for (const { rule, from, to, comment } of violations) {
  process.stderr.write(`${rule}: ${from} -> ${to}\n    ${comment}\n`);
}
process.stdout.write(`imports: ${modules} modules, ${violations.length} violations\n`);
process.exitCode = violations.length > 0 || modules === 0 ? 1 : 0;
