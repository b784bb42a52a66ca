/** Brings node_modules to what package-lock.json says, when it is not there already. */
import { lstatSync, readFileSync } from "node:fs";
import path from "node:path";
import { at } from "./paths.mjs";
import { run } from "./run.mjs";

const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
  } catch {
    return undefined;
  }
};

/**
 * What npm would have to change, as text; undefined when nothing. Compared by content: times of files say little
 * after a checkout, a copy or a restored cache. npm records what it installed in node_modules/.package-lock.json.
 */
export function outdated(
  lockFile = at("package-lock.json"),
  installedFile = at("node_modules/.package-lock.json"),
) {
  const wanted = packagesOf(lockFile);
  const installed = packagesOf(installedFile);
  if (!wanted) return "package-lock.json cannot be read";
  if (!installed) return "nothing is installed";
  for (const [name, { version, optional }] of Object.entries(wanted)) {
    if (name === "") continue;
    const present = installed[name]?.version;
    // Optional packages of other platforms stay out.
    if (present !== version && !(optional && present === undefined)) {
      return `${name}: ${present ?? "missing"}, wanted ${version}`;
    }
  }
  return undefined;
}

/**
 * Brings the packages of `folder` (of the checkout itself, unless it is said) to what its lock file names.
 * @returns whether they are right afterwards.
 */
export async function ensureInstalled(folder = ".") {
  const modules = at(folder, "node_modules");
  const why = outdated(at(folder, "package-lock.json"), path.join(modules, ".package-lock.json"));
  if (!why) return true;
  const where = path.join(folder, "node_modules");
  // A linked node_modules is shared with another checkout, and `npm ci` would empty it under that one's feet.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    process.stderr.write(
      `install: ${where} is a link and does not fit (${why}); install where it points to\n`,
    );
    return false;
  }
  process.stderr.write(`install: npm ci for ${where} (${why})\n`);
  // Production mode would leave out the compiler. Stdout is for results.
  const args = ["ci", "--prefix", at(folder), "--include=dev", "--no-audit", "--no-fund", "--prefer-offline"];
  return (await run("npm", args, { capture: "stdout" })).code === 0;
}
