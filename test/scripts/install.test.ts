import assert from "node:assert/strict";
import path from "node:path";
import { importScript, withTree } from "../support/checkout.js";

interface Install {
  outdated(lockFile: string, installedFile: string): string | undefined;
}
type Packages = Readonly<Record<string, { version: string; optional?: boolean }>>;

const a1 = { "node_modules/a": { version: "1.0.0" } };
const a2 = { "node_modules/a": { version: "2.0.0" } };
const optional = { "node_modules/b": { version: "1.0.0", optional: true } };

const table: readonly (readonly [
  why: string,
  wanted: Packages,
  installed: Packages | undefined,
  RegExp | undefined,
])[] = [
  ["nothing installed", a1, undefined, /nothing is installed/],
  ["the same", { "": { version: "0.1.0" }, ...a1 }, a1, undefined],
  ["another version", a2, a1, /a: 1\.0\.0, wanted 2\.0\.0/],
  ["one missing", { ...a1, "node_modules/c": { version: "1.0.0" } }, a1, /c: missing/],
  ["an optional one missing: another platform's", { ...a1, ...optional }, a1, undefined],
  [
    "an optional one in another version",
    { "node_modules/b": { version: "2.0.0", optional: true } },
    optional,
    /b: 1/,
  ],
  ["more than wanted", a1, { ...a1, ...optional }, undefined],
];

describe("install: npm ci runs only when packages differ from the lock file", () => {
  for (const [why, wanted, installed, expected] of table) {
    it(`${why}: ${expected ? "install" : "leave alone"}`, async () => {
      const { outdated } = await importScript<Install>("scripts/lib/install.mjs");
      const files: Record<string, string> = { "lock.json": JSON.stringify({ packages: wanted }) };
      if (installed) files["installed.json"] = JSON.stringify({ packages: installed });
      await withTree(files, async (folder) => {
        const answer = outdated(path.join(folder, "lock.json"), path.join(folder, "installed.json"));
        if (expected) assert.match(answer ?? "", expected);
        else assert.equal(answer, undefined);
        return Promise.resolve();
      });
    });
  }
});
