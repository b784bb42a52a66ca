/**
 * docs/adding-a-channel.md, followed as it stands, in a copy of this checkout: its files are written, its commands run
 * in order. Only ports differ, so that the page can be tested beside a running system.
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { describeInVerify } from "../support/buses.js";
import { root } from "../support/checkout.js";
import { freePort } from "../support/ports.js";

const run = promisify(execFile);

/** A fenced block: a file it shows, a command to run, or a `server` to leave running. */
interface Block {
  readonly language: string;
  readonly what: string;
  readonly text: string;
}

const blocksOf = (page: string): readonly Block[] =>
  [...page.matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", what = "", text = ""]) => ({
      language,
      what,
      text,
    }),
  );

/** What a copy leaves behind: links, servers' data, history. */
const left = new Set(["node_modules", ".git", ".services", ".valence", "coverage", "console/node_modules"]);

describeInVerify(
  "docs/adding-a-channel.md: followed step by step, it ends with a channel that works",
  function () {
    this.timeout(300_000);
    let folder: string;
    const servers: ChildProcess[] = [];
    const env = {
      ...process.env,
      VALENCE_BRIDGE_PORT: "0",
      VALENCE_ADMIN_PORT: "0",
      VALENCE_SIMULATOR_PORT: "0",
      VALENCE_MERCHANT_PORT: "0",
    };

    before(() => {
      folder = realpathSync(mkdtempSync(path.join(tmpdir(), "valence-channel-doc-")));
      const filter = (source: string): boolean => !left.has(path.relative(root, source));
      cpSync(root, folder, { recursive: true, filter, preserveTimestamps: true });
      symlinkSync(realpathSync(path.join(root, "node_modules")), path.join(folder, "node_modules"));
    });
    after(async () => {
      for (const server of servers.reverse()) {
        if (server.exitCode !== null || server.signalCode !== null) continue;
        const gone = new Promise((resolve) => server.once("exit", resolve));
        server.kill("SIGTERM");
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    });

    /** `npx valence` is this copy's own launcher; npx would look for a published one. */
    const ofThisCopy = (line: string): string =>
      line
        .replace("npx valence", `"${process.execPath}" bin/valence`)
        .replace("npx mocha", "node_modules/.bin/mocha");

    async function shell(line: string): Promise<string> {
      const { stdout, stderr } = await run("bash", ["-c", ofThisCopy(line)], { cwd: folder, env });
      return stdout + stderr;
    }

    /** Resolves with its first output, which every server of ours writes when it serves. */
    function serve(line: string): Promise<string> {
      // exec: the signal at the end is for the program, not for a shell around it.
      const [, variables = "", command = ""] = /^((?:[A-Z_]+=\S+ )*)(.*)$/.exec(ofThisCopy(line)) ?? [];
      const child = spawn("bash", ["-c", `${variables} exec ${command}`], { cwd: folder, env });
      servers.push(child);
      return new Promise((resolve, reject) => {
        let complaint = "";
        child.stderr.on("data", (text: Buffer) => (complaint += String(text)));
        child.stdout.once("data", (text: Buffer) => resolve(String(text)));
        child.once("exit", (code) => reject(new Error(`${line} ended with ${code}: ${complaint}`)));
      });
    }

    it("every block works, and says what the page promises", async () => {
      const port = String(await freePort());
      const page = readFileSync(path.join(root, "docs/adding-a-channel.md"), "utf8").replaceAll("8095", port);
      const said = new Map<string, string>();
      for (const { language, what, text } of blocksOf(page)) {
        if (language !== "sh") {
          mkdirSync(path.dirname(path.join(folder, what)), { recursive: true });
          writeFileSync(path.join(folder, what), text);
          continue;
        }
        for (const line of text.trim().split("\n"))
          said.set(line, await (what === "server" ? serve(line) : shell(line)));
      }
      const output = (part: string): string => [...said].find(([line]) => line.includes(part))?.[1] ?? "";
      assert.match(output("channel new"), /adapters\/channels\/acme\/dialect\.ts/);
      assert.match(output("mocha"), /channel contract: acme/);
      assert.match(output("mocha"), /\d\d passing/);
      assert.doesNotMatch(output("mocha"), /\d+ (failing|pending)/);
      assert.match(output("module list"), /channel:acme .*channel\.acme, channel\.acme\.follow/);
      assert.match(output("channel list"), /acme-eu +\S+channels\/acme-eu/);
    });

    it("the name is taken now: nothing is written over", async () => {
      await assert.rejects(shell("npx valence channel new acme"), /exists already; nothing was written/);
    });

    it("a name that cannot be a queue is refused", async () => {
      await assert.rejects(shell("npx valence channel new Acme.EU"), /small letters/);
    });
  },
);
