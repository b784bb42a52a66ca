/** `valence flow prove`, as an operator meets it: a flow of their own, in a folder of their own, without a line of code. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Proof } from "../../adapters/memory/prove/prove.js";
import { describeProof } from "../../adapters/memory/prove/report.js";
import { root } from "../support/checkout.js";
import { valence } from "../support/system.js";

const run = promisify(execFile);

/** The files the README shows under "Adding a transaction type"; a later version of a file replaces an earlier one. */
function kiosk(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "valence-prove-"));
  cpSync(path.join(root, "flows"), path.join(folder, "flows"), { recursive: true });
  const readme = readFileSync(path.join(root, "README.md"), "utf8");
  for (const [, file = "", text = ""] of readme.matchAll(/^```json (flows\/\S+)\n([\s\S]*?)^```$/gm))
    writeFileSync(path.join(folder, file), text);
  return folder;
}

describe("valence flow prove", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = kiosk();
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const prove = async (
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> => {
    try {
      return {
        code: 0,
        ...(await run(process.execPath, [valence, "flow", "prove", ...args], { cwd: folder })),
      };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  };

  it("the kiosk's flow is proved from its plan alone", async () => {
    const { code, stdout, stderr } = await prove("kiosk", "--max", "40", "--json");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /crashes tried/, "how far it is");
    const proof = JSON.parse(stdout) as Proof;
    assert.equal(proof.flow, "kiosk");
    assert.equal(proof.tried.length, 40);
    assert.deepEqual(
      proof.tried.filter(({ differs }) => differs.length > 0),
      [],
    );
    const told = describeProof(proof);
    assert.match(told, /claim {2}kiosk\/intake {2}before-commit +\d+ tried {2}ok/);
    assert.match(told, /kiosk: \d+ scenarios, 40 crashes tried, 0 differ, \d+ left out/);
    assert.ok(
      proof.tried.some(({ passed }) => passed.stage === "charge" && passed.point === "intent-committed"),
    );
  });

  it("a type that is not there: exit 1 and what there is to choose from", async () => {
    const { code, stderr } = await prove("koisk");
    assert.equal(code, 1);
    assert.match(stderr, /no transaction type or flow koisk/);
  });
});
