import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { keptSecret, randomSecret, writePrivate } from "../../../adapters/data/secrets.js";
import { withTree } from "../../support/checkout.js";

const modeOf = (file: string): number => statSync(file).mode & 0o777;

describe("secrets of a data directory", () => {
  it("are made once, stay the same, and are only their owner's to read", () =>
    withTree({}, async (dir) => {
      const deep = join(dir, "data");
      const secret = keptSecret(deep, "admin");
      assert.equal(keptSecret(deep, "admin"), secret);
      assert.notEqual(keptSecret(deep, "other"), secret);
      assert.equal(Buffer.from(secret, "base64url").length, 32);
      assert.deepEqual([modeOf(deep), modeOf(join(deep, "admin"))], [0o700, 0o600]);
      assert.deepEqual(readdirSync(deep).sort(), ["admin", "other"]);
      await Promise.resolve();
    }));

  it("no two are alike", () => {
    assert.equal(new Set(Array.from({ length: 100 }, randomSecret)).size, 100);
  });

  it("a file is replaced whole, and stays private whatever the umask", () =>
    withTree({}, async (dir) => {
      const before = process.umask(0);
      try {
        const file = join(dir, "demo.json");
        writePrivate(file, "1");
        writePrivate(file, "2");
        assert.deepEqual([readFileSync(file, "utf8"), modeOf(file)], ["2", 0o600]);
        assert.deepEqual(readdirSync(dir), ["demo.json"]);
      } finally {
        process.umask(before);
      }
      await Promise.resolve();
    }));

  it("one that cannot be read is an error, not a new secret", () =>
    withTree({ "admin/file": "" }, async (dir) => {
      assert.throws(() => keptSecret(dir, "admin"), { code: "EISDIR" });
      await Promise.resolve();
    }));
});
