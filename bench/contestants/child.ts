/** A contestant's process: started, waited for, stopped in order. What it says on stderr is kept for when it fails. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

const readyMsMax = 60_000;
const stopMsMax = 15_000;
const saidCharsMax = 20_000;

const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** A signal becomes an exit, so that what is to happen at the end does. */
export function endWithSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

/** However this process ends, `child` ends with it. (A signal must be turned into an exit: see `endWithSignals`.) */
export function endWithUs(child: ChildProcess): void {
  alive.add(child);
  child.once("exit", () => alive.delete(child));
}

export interface ChildOptions {
  readonly name: string;
  /** Node's own, a script, and its arguments. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What it prints to stdout when it serves. */
  readonly ready: RegExp;
}

export class Child {
  /** It was told to. */
  #ending = false;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    /** What `ready` matched. */
    readonly ready: RegExpExecArray,
  ) {}

  /** @throws Error with what it said when it does not get ready */
  static async start({ name, args, env, ready }: ChildOptions): Promise<Child> {
    const child = spawn(process.execPath, [...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    endWithUs(child);
    let [stdout, said] = ["", ""];
    child.stderr
      .setEncoding("utf8")
      .on("data", (text: string) => (said = (said + text).slice(-saidCharsMax)));
    const matched = await new Promise<RegExpExecArray>((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(timer);
        child.kill("SIGKILL");
        reject(new Error(`${name} ${why}\n${stdout}${said}`));
      };
      const timer = setTimeout(() => fail(`is not ready after ${readyMsMax / 1000} s`), readyMsMax);
      child.once("error", (error) => fail(error.message));
      child.once("exit", (code, signal) => fail(`ended with ${signal ?? code}`));
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout = (stdout + text).slice(-saidCharsMax);
        const found = ready.exec(stdout);
        if (!found) return;
        clearTimeout(timer);
        resolve(found);
      });
    });
    const started = new Child(name, child, matched);
    // Whoever dies under load says why, at once.
    child.once("exit", (code, signal) => {
      if (!started.#ending) process.stderr.write(`${name} ended: ${signal ?? code}\n${said}\n`);
    });
    return started;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** SIGTERM, and SIGKILL after 15 s. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** kill -9. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.#ending = true;
    const gone = once(this.child, "exit");
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill("SIGKILL"), stopMsMax);
    await gone;
    clearTimeout(timer);
  }
}
