/**
 * The README's commands and samples, executed as they stand there: in a folder with a copy of `flows/`, `npx valence`
 * replaced by this checkout's own launcher.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "../support/checkout.js";
import { Client } from "../support/client.js";
import { type RunningUp, startUp, valence } from "../support/system.js";

const run = promisify(execFile);
const readme = readFileSync(path.join(root, "README.md"), "utf8");

interface Block {
  readonly language: string;
  /** The file a block shows, when it names one. */
  readonly file: string;
  readonly text: string;
}

/** Fenced blocks of one section, in order. */
function blocksOf(heading: string): readonly Block[] {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  assert.ok(section, `README has a section "${heading}"`);
  return [...section.matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", file = "", text = ""]) => ({
      language,
      file,
      text,
    }),
  );
}

describe("README: what it says works", function () {
  this.timeout(180_000);
  let folder: string;
  let system: RunningUp;
  let client: Client;

  /** A command line of the README, in the folder the reader would be in. */
  const shell = async (line: string): Promise<string> => {
    const command = line.replace(/\s+#.*$/, "").replace(/^npx valence/, `"${process.execPath}" "${valence}"`);
    const { stdout, stderr } = await run("bash", ["-c", command], { cwd: folder });
    return stdout + stderr;
  };

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "valence-readme-"));
    cpSync(path.join(root, "flows"), path.join(folder, "flows"), { recursive: true });
    system = await startUp({ dataDir: path.join(folder, ".valence") });
    client = new Client(system.demo.bridge, system.demo);
  });
  after(async () => {
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("the first payment is paid, and the merchant hears of it once", async () => {
    const [sample] = blocksOf("A first payment");
    assert.equal(sample?.language, "js");
    const example = readFileSync(path.join(root, "examples/first-payment.mjs"), "utf8");
    assert.ok(example.endsWith(sample.text), "examples/first-payment.mjs is what the README shows");
    writeFileSync(path.join(folder, "first.mjs"), sample.text);
    const { stdout } = await run(process.execPath, ["first.mjs"], { cwd: folder });
    assert.match(stdout, /status: 'paid'/);
    const orderId = /orderId: '([^']+)'/.exec(stdout)?.[1] ?? "";
    const deliveries = async (): Promise<readonly { readonly type: string }[]> => {
      const answer = await fetch(`${system.demo.merchant ?? ""}/notifications?orderId=${orderId}`);
      return ((await answer.json()) as { readonly deliveries: readonly { readonly type: string }[] })
        .deliveries;
    };
    while ((await deliveries()).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(
      (await deliveries()).map(({ type }) => type),
      ["order.paid"],
    );
    assert.match(await shell(`npx valence order show ${orderId}`), /paid/);
  });

  it("the tutorial: a type by one line, and a new flow from known atoms, on the running system", async () => {
    let commands = 0;
    for (const { language, file, text } of blocksOf("Adding a transaction type")) {
      if (file !== "") {
        mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
        writeFileSync(path.join(folder, file), text);
      } else if (language === "sh") {
        for (const line of text.trim().split("\n")) {
          await shell(line);
          commands++;
        }
      }
    }
    assert.ok(commands >= 5, "the tutorial has commands");
    const order = { merchantOrderId: "kiosk-1", amount: 1000, currency: "CNY", subject: "Gum" };
    const small = await client.post("/v1/transactions/kiosk", order);
    assert.deepEqual([small.status, small.body["status"]], [201, "paid"]);
    const large = await client.post("/v1/transactions/kiosk", {
      ...order,
      merchantOrderId: "kiosk-2",
      amount: 5001,
    });
    assert.deepEqual([large.status, large.body["code"]], [422, "amount_over_limit"]);
    const unknown = await client.post("/v1/transactions/kiosk", {
      ...order,
      merchantOrderId: "kiosk-3",
      method: "qr",
    });
    assert.deepEqual(
      [unknown.status, unknown.body["code"]],
      [422, "field_unknown"],
      "validated by its own input",
    );
    const document = (await (await fetch(`${system.demo.bridge}/openapi.json`)).json()) as {
      readonly paths: object;
    };
    assert.ok("/v1/transactions/kiosk" in document.paths && "/v1/transactions/donate" in document.paths);
  });

  it("channels come and go: modules, routes and queues are listed, and a closed channel takes nothing until it is open again", async () => {
    const said: Record<string, string> = {};
    for (const { language, text } of blocksOf("Channels come and go while money moves")) {
      if (language !== "sh") continue;
      for (const line of text.trim().split("\n")) {
        said[line.split(" ").slice(2, 4).join(" ")] = await shell(line);
        if (!line.includes("route close")) continue;
        // A process reads the switch within a second.
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        const order = { merchantOrderId: "closed-1", amount: 1000, currency: "CNY", subject: "Gum" };
        const refused = await client.post("/v1/orders", order);
        assert.deepEqual([refused.status, refused.body["code"]], [422, "no_route"]);
      }
    }
    assert.match(said["module list"] ?? "", /idle|live/);
    assert.match(said["route list"] ?? "", /simulator/);
    assert.match(said["route try"] ?? "", /closed/);
    const again = await client.post("/v1/orders", {
      merchantOrderId: "open-1",
      amount: 1000,
      currency: "CNY",
      subject: "Gum",
    });
    assert.deepEqual([again.status, again.body["status"]], [201, "paid"]);
  });

  it("an unsound definition changes nothing and says what is wrong", async () => {
    const flow = path.join(folder, "flows/kiosk.flow.json");
    const sound = readFileSync(flow, "utf8");
    writeFileSync(flow, sound.replace('"unknown": "ask"', '"unknown": "end:failed"'));
    await assert.rejects(
      shell("npx valence flow apply --reason wrong"),
      (error: Error & { stderr: string }) => {
        assert.match(error.stderr, /kiosk\.flow\.json:\/stages\/charge\/on\/unknown EFFECT_UNKNOWN_ENDS/);
        return true;
      },
    );
    const answer = await client.post("/v1/transactions/kiosk", {
      merchantOrderId: "kiosk-9",
      amount: 10,
      currency: "CNY",
      subject: "Gum",
    });
    assert.equal(answer.status, 201, "the last good version is still in force");
    writeFileSync(flow, sound);
  });
});
