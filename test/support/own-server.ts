/** A server that a test owns: in a temporary folder, on free ports, killed and started again as the test likes. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export interface OwnServer {
  /** The same after every restart. */
  readonly url: string;
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; resolves when clients are served. */
  start(): Promise<void>;
  /** Ends it in order, as an operator would. `start` may follow. */
  halt(): Promise<void>;
  /** For good: the process is gone and so is its data. */
  stop(): Promise<void>;
}

/** How one kind of server is started. */
export interface ServerRecipe {
  readonly kind: string;
  readonly url: string;
  /** The child that this starts must be the server itself, not a wrapper: it is killed by its pid. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Runs it as another user; only root may. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** How often it is started before its end is believed: the children of one that was killed may outlive it. */
  readonly triesMax?: number;
  /** Whether clients are served by now. Never rejects. */
  ready(): Promise<boolean>;
}

const startMsMax = 60_000;
const haltMsMax = 30_000;

/** Whether the server sends something that begins so when it is told `hello`. */
export function greets(port: number, hello: Buffer | string, begins: RegExp): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(hello));
    const done = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, done(false)).on("error", done(false)).on("close", done(false));
    socket.once("data", (bytes) => done(begins.test(bytes.toString("latin1")))());
  });
}

class ChildServer implements OwnServer {
  #child: ChildProcess | undefined;
  #gone: Promise<void> = Promise.resolve();

  constructor(
    private readonly recipe: ServerRecipe,
    private readonly folder: string,
  ) {}

  get url(): string {
    return this.recipe.url;
  }

  async start(): Promise<void> {
    for (let tries = this.recipe.triesMax ?? 1; ; tries--) {
      try {
        return await this.#startOnce();
      } catch (error) {
        if (tries <= 1) throw error;
        await pause(200);
      }
    }
  }

  async #startOnce(): Promise<void> {
    const { kind, program, args, env, user } = this.recipe;
    // A process group of its own: Ctrl-C in the terminal of the tests is answered by `stop`.
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: "ignore",
      detached: true,
      ...user,
    });
    this.#child = child;
    let failure: Error | undefined;
    this.#gone = new Promise((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", (error) => {
        failure = error;
        resolve();
      });
    });
    const deadline = Date.now() + startMsMax;
    while (!(await this.recipe.ready())) {
      if (failure || child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        await this.kill();
        throw new Error(`${kind} does not start; see ${this.folder}`, { cause: failure });
      }
      await pause(50);
    }
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#gone;
  }

  async halt(): Promise<void> {
    const child = this.#child;
    child?.kill("SIGTERM");
    const timer = setTimeout(() => child?.kill("SIGKILL"), haltMsMax);
    await this.#gone;
    clearTimeout(timer);
  }

  async stop(): Promise<void> {
    await this.kill();
    servers.delete(this);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** For the end of this process, where nothing can be awaited. */
  killNow(): void {
    this.#child?.kill("SIGKILL");
  }
}

const servers = new Set<ChildServer>();
// A test run that is broken off must not leave servers behind.
process.once("exit", () => servers.forEach((server) => server.killNow()));

/**
 * Starts a server in a new folder, which `prepare` fills.
 * @throws Error when it is not installed or does not start
 */
export async function startOwnServer(prepare: (folder: string) => Promise<ServerRecipe>): Promise<OwnServer> {
  const folder = mkdtempSync(path.join(tmpdir(), "valence-server-"));
  const server = new ChildServer(await prepare(folder), folder);
  servers.add(server);
  await server.start();
  return server;
}
