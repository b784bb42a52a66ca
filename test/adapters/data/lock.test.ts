import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { lockData } from "../../../adapters/data/lock.js";
import { ValenceError } from "../../../engine/errors.js";
import { root, withTree } from "../../support/checkout.js";

const isLocked = (error: unknown): boolean => error instanceof ValenceError && error.code === "data_locked";
const fileOf = (dir: string): string => join(dir, "valence.pid");
const holderIn = (dir: string): { pid: number; startedTicks: string } =>
  JSON.parse(readFileSync(fileOf(dir), "utf8")) as { pid: number; startedTicks: string };
const deadPid = 2 ** 22 + 1;

/** A process that takes the lock, says `held` or `refused`, and keeps it until its input ends. */
function opener(dir: string): {
  readonly said: Promise<string>;
  end(): Promise<void>;
  kill(): Promise<void>;
} {
  const lock = pathToFileURL(join(root, "dist/adapters/data/lock.js")).href;
  const script = `import { lockData } from ${JSON.stringify(lock)};
    process.stdin.once("data", () => {
      let lock;
      try { lock = lockData(${JSON.stringify(dir)}); console.log("held"); }
      catch (error) { console.log(error.code === "data_locked" ? "refused" : String(error)); }
      process.stdin.on("end", () => { lock?.release(); process.exit(); });
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const said = new Promise<string>((resolve) => {
    child.stdout.setEncoding("utf8").once("data", (text: string) => resolve(text.trim()));
  });
  child.stdin.write("go");
  return {
    said,
    end: () => (child.stdin.end(), closed),
    kill: () => (child.kill("SIGKILL"), closed),
  };
}

describe("the lock of a data directory", () => {
  it("belongs to one process; a second one is refused, until the first lets go", () =>
    withTree({}, async (dir) => {
      const first = opener(dir);
      assert.equal(await first.said, "held");
      assert.throws(() => lockData(dir), isLocked);
      assert.notEqual(holderIn(dir).pid, process.pid, "the refused one has not touched the file");
      await first.end();
      assert.ok(!existsSync(fileOf(dir)));
      const lock = lockData(dir);
      assert.throws(() => lockData(dir), isLocked, "not even the same process twice");
      lock.release();
      assert.deepEqual(readdirSync(dir), []);
    }));

  it("of a process that was killed is taken over", () =>
    withTree({}, async (dir) => {
      const first = opener(dir);
      assert.equal(await first.said, "held");
      await first.kill();
      assert.ok(existsSync(fileOf(dir)));
      const lock = lockData(dir);
      assert.equal(holderIn(dir).pid, process.pid);
      lock.release();
      assert.deepEqual(readdirSync(dir), []);
    }));

  it("of a pid that was given out again is taken over; of one that lives since then it is not", () =>
    withTree({}, async (dir) => {
      lockData(dir);
      const { pid, startedTicks } = holderIn(dir);
      writeFileSync(fileOf(dir), JSON.stringify({ pid, startedTicks: String(Number(startedTicks) - 1) }));
      const lock = lockData(dir);
      assert.equal(holderIn(dir).startedTicks, startedTicks);
      assert.throws(() => lockData(dir), isLocked);
      lock.release();
      await Promise.resolve();
    }));

  it("is released by its holder only", () =>
    withTree({}, async (dir) => {
      const lock = lockData(dir);
      writeFileSync(fileOf(dir), JSON.stringify({ pid: process.pid, startedTicks: "another" }));
      lock.release();
      assert.ok(existsSync(fileOf(dir)));
      await Promise.resolve();
    }));

  for (const [what, left] of [
    ["an empty file", ""],
    ["half a file", '{"pid":'],
    ["something else", "null"],
    ["a dead holder", JSON.stringify({ pid: deadPid, startedTicks: "1" })],
  ] as const) {
    it(`${what}, and six that open at once: exactly one wins`, () =>
      withTree({ "valence.pid": left }, async (dir) => {
        const openers = Array.from({ length: 6 }, () => opener(dir));
        const said = await Promise.all(openers.map((one) => one.said));
        assert.deepEqual(said.sort(), ["held", ...Array<string>(5).fill("refused")]);
        await Promise.all(openers.map((one) => one.end()));
        assert.deepEqual(readdirSync(dir), []);
      }));
  }

  it("a process that died while it removed a dead one's lock is no obstacle", () => {
    const dead = JSON.stringify({ pid: deadPid, startedTicks: "1" });
    const digger = JSON.stringify({ pid: deadPid + 1, startedTicks: "2" });
    return withTree({ "valence.pid": dead, [`valence.pid.${deadPid}-1`]: digger }, async (dir) => {
      const lock = lockData(dir);
      lock.release();
      assert.deepEqual(readdirSync(dir), []);
      await Promise.resolve();
    });
  });
});
