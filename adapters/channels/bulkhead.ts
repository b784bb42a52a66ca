/**
 * A driver behind its bulkhead: bounded concurrency and a circuit breaker, so that one channel cannot sink another.
 *
 * closed -> open when too many calls of the window failed (`manifest.breaker`). A failure is a call that brought no
 * answer worth anything: `unknown`, or `notSent` because the institution could not be reached; never a decline. While
 * open, charges and refunds are answered `notSent` at once: nothing was written, so they may go elsewhere or be tried
 * later. Finding out what happened (inquiries, closes, callbacks) is never held back.
 * open -> half-open by itself after `openForMs`: one probe is sent, charges still wait. It is answered: closed, with an
 * empty window. It is not: open again.
 */
import { bulkhead, BulkheadRejectedError, circuitBreaker, CircuitState, handleWhenResult } from "cockatiel";
import type { CircuitBreakerPolicy, IBreaker } from "cockatiel";
import type {
  BreakerSettings,
  BreakerState,
  CallbackIn,
  CallbackOut,
  ChannelAnswer,
  ChannelDriver,
  ChannelManifest,
  ChannelStats,
  ChargeRequest,
  CloseRequest,
  CloseResult,
  InquiryResult,
  ProbeResult,
  RefundRequest,
} from "../../engine/ports/channel.js";
import type { Clock } from "../../engine/ports/clock.js";
import type { Row } from "../../engine/ports/store.js";
import { ChargeStats } from "./charge-stats.js";
import { SlidingWindow } from "./window.js";

export interface GuardedDriver extends ChannelDriver {
  /** Anything but `closed`: charges and refunds are answered `notSent` at once. */
  readonly breaker: BreakerState;
  /** Calls `listener` at every change, with the new state; the result unsubscribes. */
  onBreaker(listener: (state: BreakerState) => void): () => void;
  stats(): ChannelStats;
}

export interface BulkheadOptions {
  readonly clock: Clock;
  /** Charges under way at a time. Default: the manifest's. */
  readonly concurrencyMax?: number;
}

const states: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: "closed",
  [CircuitState.Open]: "open",
  [CircuitState.HalfOpen]: "half-open",
  // Nobody isolates it: an operator closes the channel's switch instead.
  [CircuitState.Isolated]: "open",
};

type Verdict = "answered" | "failed";

/** Decides when to open, on our clock: cockatiel's own window looks at the wall. */
class FailureRatio implements IBreaker {
  state: unknown;
  readonly #window: SlidingWindow<{ answered: number; failed: number }>;

  constructor(
    clock: Clock,
    private readonly settings: BreakerSettings,
  ) {
    this.#window = new SlidingWindow(clock, settings.windowMs, () => ({ answered: 0, failed: 0 }));
  }

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.#window.reset();
    else this.#window.now().answered += 1;
  }

  failure(state: CircuitState): boolean {
    if (state !== CircuitState.Closed) return true;
    this.#window.now().failed += 1;
    const slices = this.#window.slices();
    const failed = slices.reduce((sum, slice) => sum + slice.failed, 0);
    const calls = slices.reduce((sum, slice) => sum + slice.answered, failed);
    return calls >= this.settings.minimumCalls && failed >= this.settings.failureRatio * calls;
  }
}

class Bulkhead implements GuardedDriver {
  readonly manifest: ChannelManifest;
  readonly #policy: CircuitBreakerPolicy;
  readonly #slots: ReturnType<typeof bulkhead>;
  readonly #stats: ChargeStats;
  readonly #disposed = new AbortController();
  readonly #concurrencyMax: number;
  #cancelProbe: () => void = () => undefined;

  constructor(
    private readonly driver: ChannelDriver,
    { clock, concurrencyMax = driver.manifest.concurrencyMax }: BulkheadOptions,
  ) {
    this.manifest = driver.manifest;
    const { breaker } = driver.manifest;
    this.#concurrencyMax = concurrencyMax;
    this.#slots = bulkhead(concurrencyMax, 0);
    this.#stats = new ChargeStats(clock, breaker.windowMs);
    this.#clock = clock;
    this.#policy = circuitBreaker(
      handleWhenResult((verdict) => verdict === "failed"),
      // 0: whenever asked. When that is, is a matter of our clock, below.
      { halfOpenAfter: 0, breaker: new FailureRatio(clock, breaker) },
    );
    this.#policy.onBreak(() => {
      this.#cancelProbe();
      if (this.#disposed.signal.aborted) return;
      this.#cancelProbe = clock.after(breaker.openForMs, () => void this.#halfOpen());
    });
  }

  readonly #clock: Clock;

  get breaker(): BreakerState {
    return states[this.#policy.state];
  }

  onBreaker(listener: (state: BreakerState) => void): () => void {
    const subscription = this.#policy.onStateChange((state) => listener(states[state]));
    return () => subscription.dispose();
  }

  stats(): ChannelStats {
    return this.#stats.read(this.#concurrencyMax - this.#slots.executionSlots);
  }

  async charge(request: ChargeRequest, signal: AbortSignal): Promise<ChannelAnswer> {
    const { paymentId } = request;
    const asked = { operation: "charge", paymentId };
    if (this.breaker !== "closed") return refused(`breaker ${this.breaker}`, asked);
    const startedAtMs = this.#clock.monotonicMs();
    try {
      return await this.#slots.execute(async () => {
        const answer = await this.#watched(() => this.driver.charge(request, signal), signal);
        this.#stats.ended(answer.result, startedAtMs);
        return answer;
      });
    } catch (error) {
      if (error instanceof BulkheadRejectedError) return refused("bulkhead full", asked);
      throw error;
    }
  }

  async refund(request: RefundRequest, signal: AbortSignal): Promise<ChannelAnswer> {
    const { refundId, paymentId } = request;
    if (this.breaker !== "closed")
      return refused(`breaker ${this.breaker}`, { operation: "refund", refundId, paymentId });
    return this.#watched(() => this.driver.refund(request, signal), signal);
  }

  inquire(request: ChargeRequest, signal: AbortSignal): Promise<ChannelAnswer<InquiryResult>> {
    return this.driver.inquire(request, signal);
  }

  inquireRefund(request: RefundRequest, signal: AbortSignal): Promise<ChannelAnswer<InquiryResult>> {
    return this.driver.inquireRefund(request, signal);
  }

  close(request: CloseRequest, signal: AbortSignal): Promise<ChannelAnswer<CloseResult>> {
    return this.driver.close(request, signal);
  }

  callback(callback: CallbackIn): CallbackOut {
    return this.driver.callback(callback);
  }

  probe(signal: AbortSignal): Promise<ChannelAnswer<ProbeResult>> {
    return this.driver.probe(signal);
  }

  async dispose(): Promise<void> {
    this.#disposed.abort();
    this.#cancelProbe();
    await this.driver.dispose();
  }

  /** The caller has seen to it that the breaker is closed. */
  async #watched(call: () => Promise<ChannelAnswer>, signal: AbortSignal): Promise<ChannelAnswer> {
    // Given up before it was sent says nothing about the institution.
    if (signal.aborted) return call();
    let answer: ChannelAnswer | undefined;
    await this.#policy.execute(async (): Promise<Verdict> => {
      answer = await call();
      const { result } = answer;
      return result === "unknown" || (result === "notSent" && !signal.aborted) ? "failed" : "answered";
    });
    return answer!;
  }

  /** One probe; what it finds decides between closed and open. A probe that throws has found nothing. */
  async #halfOpen(): Promise<void> {
    await this.#policy.execute(async (): Promise<Verdict> => {
      const answer = await this.driver.probe(this.#disposed.signal).catch(() => undefined);
      return answer?.result === "answers" ? "answered" : "failed";
    });
  }
}

const refused = (why: string, request: Row): ChannelAnswer => ({
  result: "notSent",
  message: why,
  evidence: { request, failure: why },
});

/** One per channel and process. */
export const withBulkhead = (driver: ChannelDriver, options: BulkheadOptions): GuardedDriver =>
  new Bulkhead(driver, options);
