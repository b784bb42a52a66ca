import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { importScript, withTree } from "../support/checkout.js";

describe("build", () => {
  it("outputs whose source is gone are removed: a deleted test must not run any more", async () => {
    const { prune } = await importScript<{ prune(base: string): void }>("scripts/lib/build.mjs");
    const files = [
      "test/kept.test.ts",
      "dist/test/kept.test.js",
      "dist/test/gone.test.js",
      "dist/test/gone.test.js.map",
    ];
    await withTree(Object.fromEntries(files.map((file) => [file, ""])), async (folder) => {
      prune(folder);
      assert.deepEqual(
        files.filter((file) => existsSync(path.join(folder, file))),
        files.slice(0, 2),
      );
      return Promise.resolve();
    });
  });
});
