/**
 * What the modules of this process have done so far, for the registry. A module gets one `Progress`; whatever it works
 * on (deliveries, requests, rounds) runs inside `watch` or between `begin` and its result. The board in shared memory
 * is brought up to date by a timer: when that timer does not fire, the event loop is blocked, and the heartbeat tells.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Bus, Consumer } from "../../engine/ports/index.js";
import type { Telemetry } from "../../engine/ports/telemetry.js";
import { BeatBoard, type Counters, steadyMs } from "../store/postgres/heartbeat/board.js";

/** How often the board is brought up to date. Milliseconds. */
const publishMs = 250;
/** Publications over which the longest delay of the event loop is remembered: a bit more than a beat. */
const delayWindow = 5;
/** Resolution of the measurement, which counts it in. Milliseconds. */
const delayResolutionMs = 20;

type Subscription = Parameters<Bus["consume"]>[0];

export class Progress {
  #consumed = 0;
  #movedAtMs = steadyMs();
  /** Begin times of what is under way, oldest first: a set keeps the order of insertion. */
  readonly #underWay = new Set<{ readonly sinceMs: number }>();
  /** Queues that are not taken from now, by the consumer that left them. */
  readonly #paused = new Map<Consumer, readonly string[]>();

  constructor(
    readonly module: string,
    private readonly telemetry: Telemetry,
    private readonly pausedChanged: () => void,
  ) {}

  /** Something begins; the result ends it, once. */
  begin(): () => void {
    const item = { sinceMs: steadyMs() };
    this.#underWay.add(item);
    return () => {
      if (!this.#underWay.delete(item)) return;
      this.#consumed++;
      this.#movedAtMs = steadyMs();
      this.telemetry.count("valence_module_messages_total", { module: this.module });
    };
  }

  async watch<T>(work: () => Promise<T>): Promise<T> {
    const end = this.begin();
    try {
      return await work();
    } finally {
      end();
    }
  }

  /** `bus.consume`, watched. A consumer that is paused waits on purpose: what waits for it is no sign of a hang. */
  consume(bus: Pick<Bus, "consume">, subscription: Subscription): Consumer {
    const { handler, queues } = subscription;
    const consumer = bus.consume({
      ...subscription,
      handler: (delivery) => this.watch(() => handler(delivery)),
    });
    const watched: Consumer = {
      get inFlight() {
        return consumer.inFlight;
      },
      pause: () => {
        consumer.pause();
        this.#paused.set(watched, queues());
        this.pausedChanged();
      },
      resume: () => {
        consumer.resume();
        this.#paused.delete(watched);
        this.pausedChanged();
      },
      stop: (deadlineMs) => consumer.stop(deadlineMs),
    };
    return watched;
  }

  get paused(): readonly string[] {
    return [...this.#paused.values()].flat();
  }

  get counters(): Counters {
    const [oldest] = this.#underWay;
    return {
      consumed: this.#consumed,
      inFlight: this.#underWay.size,
      oldestAtMs: oldest?.sinceMs ?? 0,
      movedAtMs: this.#movedAtMs,
    };
  }
}

/** The progress of every module of this process, and the board it is published on. */
export class ProcessProgress {
  readonly #modules = new Map<string, Progress>();
  readonly #delay = monitorEventLoopDelay({ resolution: delayResolutionMs });
  readonly #delaysMs: number[] = [];
  #board: BeatBoard | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pausedChanged: () => void = () => undefined;

  constructor(private readonly telemetry: Telemetry) {}

  of(module: string): Progress {
    const known = this.#modules.get(module);
    if (known) return known;
    const progress = new Progress(module, this.telemetry, () => this.#pausedChanged());
    this.#modules.set(module, progress);
    return progress;
  }

  /** Publishes these modules, in this order, from now on. `pausedChanged`: somebody paused or resumed a consumer. */
  start(modules: readonly string[], pausedChanged: () => void): BeatBoard {
    this.stop();
    this.#pausedChanged = pausedChanged;
    this.#board = new BeatBoard(modules.length);
    this.#delay.enable();
    this.#publish(modules);
    this.#timer = setInterval(() => this.#publish(modules), publishMs);
    this.#timer.unref();
    return this.#board;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
    this.#pausedChanged = () => undefined;
  }

  #publish(modules: readonly string[]): void {
    this.#delaysMs.push(Math.max(0, this.#delay.max / 1e6 - delayResolutionMs));
    this.#delay.reset();
    if (this.#delaysMs.length > delayWindow) this.#delaysMs.shift();
    this.#board?.publish({
      turnedAtMs: steadyMs(),
      loopDelayMs: Math.max(...this.#delaysMs),
      modules: modules.map((module) => this.of(module).counters),
    });
  }
}
