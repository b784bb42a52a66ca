/** The harness's end of the load process. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FromLoad, LoadReport, Phase, ToLoad } from "./protocol.js";

const program = fileURLToPath(new URL("./main.js", import.meta.url));

export class Load {
  private constructor(
    private readonly child: ChildProcess,
    /** Of the channel that contestants call. */
    readonly channelUrl: string,
  ) {}

  static async start(execArgv: readonly string[] = []): Promise<Load> {
    const child = fork(program, { execArgv: [...execArgv] });
    const first = await answer(child);
    if (first.kind !== "listening") throw new Error(`the load process began with ${first.kind}`);
    return new Load(child, first.channelUrl);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async run(phase: Phase): Promise<LoadReport> {
    this.#say({ kind: "run", phase });
    const said = await answer(this.child);
    if (said.kind !== "done") throw new Error(`the load process answered ${said.kind}`);
    return said.report;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, "exit");
    this.#say({ kind: "stop" });
    await gone;
  }

  #say(message: ToLoad): void {
    this.child.send(message);
  }
}

/** The next message. @throws Error when the process ends instead */
async function answer(child: ChildProcess): Promise<FromLoad> {
  const ended = new AbortController();
  const exited = once(child, "exit", { signal: ended.signal }).then(([code]) => {
    throw new Error(`the load process ended with ${String(code)}`);
  });
  try {
    const [message] = (await Promise.race([once(child, "message", { signal: ended.signal }), exited])) as [
      FromLoad,
    ];
    return message;
  } finally {
    ended.abort();
    exited.catch(() => undefined);
  }
}
