/**
 * The institution's own calls. Up to three tries a second apart until one is taken; what is not delivered
 * then, or was under way when the process died, is never delivered: callers have to inquire, as with real ones.
 */
import { Agent, request } from "undici";
import type { InstitutionDialect } from "./institution-dialect.js";
import type { Fault } from "./institution-faults.js";
import { tell } from "./institution.js";
import type { Order } from "./institution-ledger.js";

const triesMax = 3;
const retryDelayMs = 1000;
const answerTimeoutMs = 5000;

export interface CallbackOptions {
  readonly dialect: InstitutionDialect;
  /** Undefined: nobody is called. Asked before each try, because the bridge may start after the institution. */
  readonly url: () => string | undefined;
  readonly fault: (order: Order) => Fault | undefined;
}

export class Callbacks {
  private readonly agent = new Agent({
    connections: 16,
    pipelining: 1,
    connect: { timeout: answerTimeoutMs },
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
  });
  private readonly stopped = new AbortController();

  constructor(private readonly options: CallbackOptions) {}

  /** Tells the outcome of `order`, now or as the drawn fault has it. Never rejects. */
  async announce(order: Order): Promise<void> {
    const fault = this.options.fault(order);
    if (fault?.kind === "no-callback") return;
    if (fault?.kind === "late-callback") await this.pause(fault.delayMs);
    const copies = fault?.kind === "duplicate-callback" ? 2 : 1;
    await Promise.all(Array.from({ length: copies }, () => this.deliver(order)));
  }

  /** Drops what is under way. */
  async close(): Promise<void> {
    this.stopped.abort();
    await this.agent.destroy();
  }

  private async deliver(order: Order): Promise<void> {
    for (let attempt = 1; attempt <= triesMax; attempt += 1) {
      if (attempt > 1) await this.pause(retryDelayMs);
      const url = this.options.url();
      if (url === undefined || this.stopped.signal.aborted) return;
      if (await this.post(url, order)) return;
    }
  }

  private async post(url: string, order: Order): Promise<boolean> {
    const { dialect } = this.options;
    try {
      const { headers, body } = dialect.notice(tell(order), Date.now());
      const options = { dispatcher: this.agent, method: "POST", headers, body } as const;
      const answer = await request(url, options);
      return dialect.noticeTaken(answer.statusCode, await answer.body.text());
    } catch {
      return false;
    }
  }

  /** Ends early when the institution stops. */
  private pause(delayMs: number): Promise<void> {
    const { signal } = this.stopped;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      signal.addEventListener("abort", done);
    });
  }
}
