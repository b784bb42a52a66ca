/** Requests that wait for their flow's reply. Replies are not durable: one that does not come is a 202. */
import type { Clock, Row } from "../../../engine/ports/index.js";
import type { ReplyPayload } from "../../../engine/runtime/message.js";

export interface Waiter {
  /** The reply, or undefined when the time is over. */
  readonly reply: Promise<ReplyPayload | undefined>;
  /** Nobody wants the reply any more. */
  cancel(): void;
}

export class Waiters {
  private readonly waiting = new Map<string, (reply: ReplyPayload | undefined) => void>();

  private released = false;

  constructor(private readonly clock: Clock) {}

  /** Begins to wait; call it before the run can start, or its reply may come too early to be heard. */
  wait(correlationId: string, waitMs: number): Waiter {
    let settle: (reply: ReplyPayload | undefined) => void = () => undefined;
    const reply = new Promise<ReplyPayload | undefined>((resolve) => (settle = resolve));
    const finish = (payload: ReplyPayload | undefined): void => {
      stopTimer();
      this.waiting.delete(correlationId);
      settle(payload);
    };
    const stopTimer = this.clock.after(this.released ? 0 : waitMs, () => finish(undefined));
    this.waiting.set(correlationId, finish);
    return { reply, cancel: () => finish(undefined) };
  }

  /** Listener for the reply topic; what is not a reply, or comes too late, is dropped. */
  readonly deliver = (payload: unknown): void => {
    if (isReply(payload)) this.waiting.get(payload.correlationId)?.(payload);
  };

  /** Lets everyone go without a reply, from now on. */
  releaseAll(): void {
    this.released = true;
    for (const finish of [...this.waiting.values()]) finish(undefined);
  }

  get size(): number {
    return this.waiting.size;
  }
}

const isObject = (value: unknown): value is Row => typeof value === "object" && value !== null;

const isReply = (payload: unknown): payload is ReplyPayload =>
  isObject(payload) && typeof payload["correlationId"] === "string" && isObject(payload["fields"]);
