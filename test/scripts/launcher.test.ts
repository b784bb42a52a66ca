import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { root, withTree } from "../support/checkout.js";
import { runProgram } from "../support/process.js";

const files = {
  "package.json": `{ "type": "module" }`,
  "bin/valence": readFileSync(path.join(root, "bin/valence"), "utf8"),
};
const main = "dist/adapters/cli/main.js";

describe("bin/valence", () => {
  it("without a build: says what to do and exits 1", async () => {
    await withTree(files, async (folder) => {
      const { code, stderr } = await runProgram(process.execPath, [path.join(folder, "bin/valence"), "up"]);
      assert.equal(code, 1);
      assert.match(stderr, /npm start/);
    });
  });

  it("with a build: hands over arguments and exit code", async () => {
    const source = `process.stdout.write(process.argv.slice(2).join(" ")); process.exitCode = 7;`;
    await withTree({ ...files, [main]: source }, async (folder) => {
      const { code, stdout } = await runProgram(process.execPath, [
        path.join(folder, "bin/valence"),
        "up",
        "--data",
        "x",
      ]);
      assert.deepEqual([code, stdout], [7, "up --data x"]);
    });
  });
});
