/** What the admin API serves about throughput, on this process's kernel. */
import type { ChannelState } from "../../engine/ports/index.js";
import { bottleneck } from "../../engine/registry/bottleneck.js";
import { recordedStepMs, type Span, spanOf } from "../../engine/registry/spans.js";
import { type Throughput, throughputOf } from "../../engine/registry/throughput.js";
import type { LiveChannel, ThroughputServices } from "../http/admin/throughput-services.js";
import { parkedRuns } from "../store/postgres/checks.js";
import { boundsOf } from "../telemetry/index.js";
import type { Kernel } from "./kernel.js";
import { productVersion } from "./root.js";
import type { SystemView } from "./system-view.js";

/** Spans kept for whoever asks for them next. */
const rememberedMax = 8;
/** What comes late changes a span that was read already; it is read again after this. Milliseconds. */
const rememberedMsMax = 30_000;

type ThroughputKernel = Pick<Kernel, "catalogue" | "channelAdmin" | "clock" | "database" | "series">;

export function throughputServices(
  kernel: ThroughputKernel,
  view: Pick<SystemView, "look">,
): ThroughputServices {
  const { channelAdmin, clock, database } = kernel;
  const history = new Histories(kernel);
  return {
    hello: { version: productVersion, stepS: recordedStepMs / 1_000 },
    history: (minutes) => history.read(`${minutes}`, spanOf(minutes, clock.nowMs())),
    look: async () => {
      const nowMs = clock.nowMs();
      const [{ modules, queues }, channels, parked, recent] = await Promise.all([
        view.look(),
        channelAdmin.channels(),
        parkedRuns(database.pool),
        history.read("last minute", lastMinute(nowMs)),
      ]);
      const told = modules.map(({ atoms: _atoms, ...module }) => module);
      return {
        ...{ atMs: nowMs, modules: told, queues, channels: channels.map(liveChannel), parkedRuns: parked },
        bottleneck: bottleneck({ lastMinute: recent, modules, depths: queues, channels }),
        lastMinute: recent,
      };
    },
  };
}

function lastMinute(nowMs: number): Span {
  const { toMs } = spanOf(5, nowMs);
  return { stepS: recordedStepMs / 1_000, windowS: recordedStepMs / 1_000, fromMs: toMs - 60_000, toMs };
}

const liveChannel = (state: ChannelState): LiveChannel => {
  const { channel, title, redirectTo, presence, breaker, inFlight, successRatio, p50Ms, p95Ms } = state;
  return {
    ...{ channel, title, switch: state.switch, presence, breaker, inFlight, successRatio, p50Ms, p95Ms },
    ...(redirectTo === undefined ? {} : { redirectTo }),
  };
};

/** A span is the same for everybody who asks before the next step has ended: it is read once. */
class Histories {
  readonly #remembered = new Map<
    string,
    { readonly toMs: number; readonly readAtMs: number; readonly throughput: Promise<Throughput> }
  >();

  constructor(private readonly kernel: ThroughputKernel) {}

  read(name: string, span: Span): Promise<Throughput> {
    const nowMs = this.kernel.clock.monotonicMs();
    const known = this.#remembered.get(name);
    if (known?.toMs === span.toMs && nowMs - known.readAtMs < rememberedMsMax) return known.throughput;
    const throughput = this.#read(span);
    const entry = { toMs: span.toMs, readAtMs: nowMs, throughput };
    // The newest last: what was not asked for longest is forgotten first.
    this.#remembered.delete(name);
    this.#remembered.set(name, entry);
    const [oldest = name] = this.#remembered.keys();
    if (this.#remembered.size > rememberedMax) this.#remembered.delete(oldest);
    throughput.catch(() => {
      if (this.#remembered.get(name) === entry) this.#remembered.delete(name);
    });
    return throughput;
  }

  async #read(span: Span): Promise<Throughput> {
    const { series, catalogue } = this.kernel;
    const [course, totals] = await Promise.all([series.course(span, span.windowS), series.totals(span)]);
    const followers = catalogue.plans().filter(({ subscribe }) => subscribe.length > 0);
    const shape = { followers: new Set(followers.map(({ flow }) => flow)) };
    return throughputOf({ course, totals }, span, shape, boundsOf);
  }
}
