/** The product as real processes, started through bin/valence as an operator would. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { DemoFile } from "../../adapters/data/demo-file.js";
import { root } from "./checkout.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** How a process ended: its exit code, or the signal that killed it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Running {
  readonly pid: number;
  /** Resolves when the process is gone. */
  readonly exited: Promise<Exit>;
  /** Everything it wrote so far. */
  stdout(): string;
  stderr(): string;
  /** SIGTERM, then waits until it is gone; SIGKILL after 15 s, which the exit then shows. */
  stop(): Promise<Exit>;
  /** kill -9, then waits until it is gone. */
  kill(): Promise<Exit>;
}

export interface RunningUp extends Running {
  readonly demo: DemoFile;
}

export interface RunningModules extends Running {
  /** Where the modules listen, by name: `bridge`, `admin`. */
  readonly addresses: Readonly<Record<string, string>>;
}

export const valence = path.join(root, "bin/valence");

/** Ports the machine picks, so that tests can run beside each other and beside a developer's own system. */
export const freePorts: Environment = {
  VALENCE_BRIDGE_PORT: "0",
  VALENCE_ADMIN_PORT: "0",
  VALENCE_SIMULATOR_PORT: "0",
  VALENCE_MERCHANT_PORT: "0",
};

/** The token `startRun` gives the admin module unless `env` names another. */
export const adminToken = "test-admin-token-0123456789";

/** Shared by the simulated institution and the `channel:simulator` of `startRun`, unless `env` names another. */
export const simulatorSecret = "test-simulator-secret-0123456789";

const readyMsMax = 60_000;
const stopMsMax = 15_000;

/** Starts `valence <args>` and waits until `isReady` finds what it waits for in the output. */
async function start(
  args: readonly string[],
  env: Environment,
  isReady: (stdout: string) => boolean,
): Promise<Running> {
  const child = spawn(process.execPath, [valence, ...args], {
    env: { ...process.env, ...freePorts, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  const exited = new Promise<Exit>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    const give = (why: string): void =>
      reject(new Error(`valence ${args.join(" ")}: ${why}\n${stdout}${stderr}`));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      give(`not ready after ${readyMsMax / 1000} s`);
    }, readyMsMax);
    child.once("error", reject);
    child.stdout.on("data", () => {
      if (isReady(stdout)) {
        clearTimeout(timer);
        resolve();
      }
    });
    void exited.then(({ code, signal }) => {
      clearTimeout(timer);
      give(`ended with ${signal ?? code} before it was ready`);
    });
  });
  return {
    pid: child.pid ?? 0,
    exited,
    stdout: () => stdout,
    stderr: () => stderr,
    stop: () => end(child, exited, "SIGTERM"),
    kill: () => end(child, exited, "SIGKILL"),
  };
}

async function end(child: ChildProcess, exited: Promise<Exit>, signal: NodeJS.Signals): Promise<Exit> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), stopMsMax);
  try {
    return await exited;
  } finally {
    clearTimeout(timer);
  }
}

export interface UpOptions {
  readonly dataDir: string;
  /** Default: the embedded database. */
  readonly databaseUrl?: string;
  /** Added to the environment; undefined removes a variable. */
  readonly env?: Environment;
}

/** `valence up`, ready. @throws Error with everything it said when it does not get ready */
export async function startUp({ dataDir, databaseUrl, env = {} }: UpOptions): Promise<RunningUp> {
  const args = ["up", "--data", dataDir, ...(databaseUrl === undefined ? [] : ["--database", databaseUrl])];
  const running = await start(args, env, (stdout) => stdout.includes("demo.json\n"));
  return { ...running, demo: JSON.parse(readFileSync(path.join(dataDir, "demo.json"), "utf8")) as DemoFile };
}

export interface RunOptions {
  readonly databaseUrl: string;
  readonly dataDir?: string;
  readonly env?: Environment;
}

/** `valence run <modules>`, ready. @throws Error with everything it said when it does not get ready */
export async function startRun(modules: readonly string[], options: RunOptions): Promise<RunningModules> {
  const { databaseUrl, dataDir, env = {} } = options;
  const args = [
    "run",
    ...modules,
    "--database",
    databaseUrl,
    ...(dataDir === undefined ? [] : ["--data", dataDir]),
  ];
  const running = await start(
    args,
    { VALENCE_ADMIN_TOKEN: adminToken, VALENCE_SIMULATOR_SECRET: simulatorSecret, ...env },
    (stdout) => ready.test(stdout),
  );
  const addresses = ready.exec(running.stdout())?.[1] ?? "{}";
  return { ...running, addresses: JSON.parse(addresses) as RunningModules["addresses"] };
}

const ready = /^ready .*?(\{.*\})\n/m;

/** Asks the admin API of a running system. @throws Error with the answer when it refuses */
export async function askAdmin<Answer>({ demo }: Pick<RunningUp, "demo">, path: string): Promise<Answer> {
  const response = await fetch(`${demo.admin}${path}`, {
    headers: { authorization: `Bearer ${demo.adminToken}` },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as Answer;
}
