/** What an institution says to a request, what it does with it, and that the two are not the same. */
import type { ChannelAnswer } from "../../engine/ports/channel.js";
import type { Clock } from "../../engine/ports/clock.js";
import type { ChargeFault } from "./climate.js";

export type Told = "truth" | "silence" | Omit<ChannelAnswer, "evidence">;

export const answers: Readonly<Record<ChargeFault | "approve", Told>> = {
  approve: "truth",
  decline: { result: "declined", code: "51", message: "not enough money" },
  pending: { result: "pending" },
  action: { result: "pending", action: { kind: "qr", content: "scan me" } },
  slow: "silence",
  hang: "silence",
  "reset-before": { result: "unknown", message: "connection reset" },
  "reset-after": { result: "unknown", message: "connection reset" },
  "late-charge": { result: "unknown", message: "connection reset" },
  garbage: { result: "unknown", code: "??" },
  "error-500": { result: "unknown", code: "500" },
  notSent: { result: "notSent" },
  "charged-after-all": { result: "declined", code: "05", message: "not now" },
};

export const executes: Readonly<
  Record<ChargeFault | "approve", "always" | "never" | "maybe" | "declined" | "pending" | "after-all">
> = {
  ...{ approve: "always", decline: "declined", pending: "pending", action: "pending", slow: "always" },
  ...{ hang: "maybe", "reset-before": "never", "reset-after": "always", "late-charge": "always" },
  ...{ garbage: "always", "error-500": "maybe", notSent: "never", "charged-after-all": "after-all" },
};

/** The answer after a while, or `unknown` when the caller gives up first. */
export function until<R extends string>(
  clock: Clock,
  waitMs: number,
  signal: AbortSignal,
  answer: ChannelAnswer<R | "unknown">,
): Promise<ChannelAnswer<R | "unknown">> {
  return new Promise((resolve) => {
    const cancel = clock.after(waitMs, () => resolve(answer));
    signal.addEventListener("abort", () => {
      cancel();
      resolve({ ...answer, result: "unknown", message: "aborted" });
    });
  });
}
