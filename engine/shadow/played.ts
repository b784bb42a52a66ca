/** What one entry into a stage did in a replay, read from the units of work it would have committed. */
import type { JournalEntry, Row, Unit, Write } from "../ports/store.js";
import { type ReplyPayload, type RunBody, runBodyOf } from "../runtime/message.js";
import { NotRecorded } from "./recording.js";

export interface PlayedHop {
  readonly stage: string;
  readonly outcome: string;
  /** `stage:settle`, `wait:await`, `end:paid`, `park:undecided`. */
  readonly next: string;
  /** Fields it wrote. */
  readonly fields: Row;
  /** Rows it would have written, the engine's own not counted. */
  readonly writes: readonly Write[];
  /** Runs it would have started and signals it would have given, sorted: `flow notify`, `signal order.closed`. */
  readonly starts: readonly string[];
  /** What whoever started the run would have been answered: the code of a problem, or `answered`. */
  readonly replies: readonly string[];
}

export interface PlayedMove {
  readonly hop: PlayedHop;
  /** Where the run goes on; absent when it is over. */
  readonly next?: RunBody;
  /** Ids of the signals it took. */
  readonly taken: readonly string[];
  /** When the wait it has entered would be over, epoch milliseconds. */
  readonly dueAtMs?: number;
}

/** Tables of the engine: what stands there follows from the path. */
const own = new Set(["runs", "timers", "signals"]);

type Point = Pick<JournalEntry, "kind" | "outcome" | "data">;
type Played = Pick<Unit, "writes" | "publish"> & { readonly journal?: readonly Point[] };

export function hopOf(body: RunBody, units: readonly Played[], replies: readonly ReplyPayload[]): PlayedMove {
  const end = units.flatMap(({ journal = [] }) => journal).find(({ kind }) => kind === "end");
  if (!end) throw new NotRecorded(`stage ${body.stage} does not come to an end`);
  const writes = units.flatMap((unit) => unit.writes);
  const messages = units.flatMap(({ publish }) => publish);
  const isOnward = (message: (typeof messages)[number]): boolean =>
    message.type === "run" && message.body["runId"] === body.runId;
  const onward = messages.find(isOnward);
  const next = onward ? runBodyOf(onward) : waitingIn(writes);
  return {
    hop: {
      stage: body.stage,
      outcome: end.outcome,
      next: String(end.data["next"]),
      fields: end.data["fields"] as Row,
      writes: writes.filter(({ table }) => !own.has(table)),
      starts: messages
        .filter((message) => !isOnward(message))
        .map(({ type, body: told }) =>
          type === "run" ? `flow ${String(told["flow"])}` : `signal ${String(told["signal"])}`,
        )
        // Which subscriber hears first follows from how a set of plans happens to be stored.
        .sort(),
      replies: replies.map(({ problem }) => problem?.code ?? "answered"),
    },
    ...(next ? { next } : {}),
    ...dueIn(writes),
    taken: writes.flatMap((write) =>
      write.kind === "transition" && write.table === "signals" && write.to === "taken"
        ? [String(write.key["signalId"])]
        : [],
    ),
  };
}

/** The body with which the run waits, where it does. */
function waitingIn(writes: readonly Write[]): RunBody | undefined {
  for (const write of writes) {
    if (write.table !== "runs") continue;
    const row = write.kind === "insert" ? write.row : { state: write.to, ...write.set };
    if (row["state"] === "waiting") return row["body"] as RunBody;
  }
  return undefined;
}

function dueIn(writes: readonly Write[]): Pick<PlayedMove, "dueAtMs"> {
  const timer = writes.find(({ table }) => table === "timers");
  return timer?.kind === "insert" ? { dueAtMs: Number(timer.row["dueAt"]) } : {};
}
