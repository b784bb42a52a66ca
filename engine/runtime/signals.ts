/**
 * Gives a signal to a run. Entering a wait and giving a signal both write the run's row under a guard, so whichever
 * comes second sees the first: an early callback is not missed and a late timer is acknowledged without effect.
 *
 * waiting, and the wait takes it        -> taken: the run moves on in the same commit
 * waiting or open or parked, not taken  -> stored as pending; the next wait looks for it (a timer is dropped)
 * ended                                 -> stored as late: evidence, never lost; announced if it says otherwise what
 * given before                          -> acknowledged without effect
 */
import type { WaitStage } from "../compiler/plan.js";
import { ValenceError } from "../errors.js";
import { runDayOf } from "../ids.js";
import { merged } from "../rows.js";
import { limits } from "../limits.js";
import type { Delivery } from "../ports/bus.js";
import type { JournalEntry, Row, Unit, Write } from "../ports/store.js";
import { advance } from "./advance.js";
import type { ExecutorPorts } from "./executor.js";
import type { LinkedPlan } from "./linked-plan.js";
import type { RunBody, SignalBody } from "./message.js";
import { announcing, belated } from "./publications.js";

export class SignalGiver {
  constructor(
    private readonly ports: ExecutorPorts,
    private readonly planOf: (hash: string) => Promise<LinkedPlan>,
  ) {}

  /** @throws ValenceError when the delivery should be tried again. */
  async give(delivery: Delivery, signal: SignalBody): Promise<void> {
    for (let round = 0; round < limits.deliveriesMax; round++) {
      const row = await this.ports.store.find("runs", { runId: signal.runId });
      // Its first commit may still be on the way; a run that never comes makes a dead letter.
      if (!row)
        throw new ValenceError(
          "not_found",
          `signal ${signal.signal} for run ${signal.runId}, which has no row`,
        );
      const unit = await this.#unitFor(delivery, signal, row);
      const { result } = await this.ports.store.commit(unit);
      if (result === "committed") {
        this.ports.crash("committed", { runId: signal.runId });
        return;
      }
      if (result === "leaseLost") return;
      if (await this.#wasGiven(signal)) {
        await this.ports.store.commit(consumed(delivery));
        return;
      }
      // The run moved between the look and the commit: look again.
    }
    throw new ValenceError("step_failed", `signal ${signal.signal} cannot reach run ${signal.runId}`);
  }

  /** A signal has one row, whoever brings it and however often. Timers have none: the hop is their proof. */
  async #wasGiven({ signalId, hop }: SignalBody): Promise<boolean> {
    return hop === undefined && (await this.ports.store.find("signals", { signalId })) !== undefined;
  }

  async #unitFor(delivery: Delivery, signal: SignalBody, row: Row): Promise<Unit> {
    const isTimer = signal.hop !== undefined;
    if (row["state"] === "waiting" && (!isTimer || Number(row["hop"]) === signal.hop)) {
      const body = row["body"] as unknown as RunBody;
      const linked = await this.planOf(body.planHash);
      const stage = linked.stages.get(body.stage);
      if (stage?.kind === "wait" && stage.on[signal.signal])
        return { ...consumed(delivery), ...(await this.#take(signal, row, linked, stage)) };
    }
    if (isTimer) return consumed(delivery);
    const publish = row["state"] === "ended" ? belated(signal, String(row["type"]), this.ports) : [];
    return { ...consumed(delivery), writes: this.#keep(signal, row), publish };
  }

  async #take(
    signal: SignalBody,
    row: Row,
    linked: LinkedPlan,
    stage: WaitStage,
  ): Promise<Omit<Unit, "message">> {
    const body = row["body"] as unknown as RunBody;
    const signalsGiven = Number(row["signalsGiven"]);
    // Kept while the run was in this wait: the next wait may be the one that takes them.
    const pending =
      signalsGiven === body.signalsSeen ? [] : await this.ports.store.pendingSignals(signal.runId);
    const nowMs = this.ports.clock.nowMs();
    const fields = merged(body.fields, signal.fields);
    const move = announcing(
      advance({
        plan: linked.plan,
        body: { ...body, fields },
        outcome: signal.signal,
        nowMs,
        rowState: "waiting",
        rowHop: body.hop,
        pending,
        signalsGiven,
        reply: {},
      }),
      body.type,
      this.ports,
    );
    const journal: JournalEntry = {
      runDay: runDayOf(body.runId),
      runId: body.runId,
      hop: body.hop,
      point: 0,
      step: 0,
      kind: "end",
      stage: body.stage,
      outcome: signal.signal,
      data: { fields: merged(signal.fields, move.fields), wait: stage.wait, next: move.next },
      owner: this.ports.random.id(),
    };
    const evidence = signal.hop === undefined ? [insertSignal(signal, "taken", nowMs)] : [];
    return { journal: [journal], writes: [...move.writes, ...evidence], publish: move.publish };
  }

  /** Stores it and counts it on the run's row, which is what a wait that is about to be entered checks. */
  #keep(signal: SignalBody, row: Row): readonly Write[] {
    const nowMs = this.ports.clock.nowMs();
    if (row["state"] === "ended") return [insertSignal(signal, "late", nowMs)];
    const given = Number(row["signalsGiven"]);
    return [
      insertSignal(signal, "pending", nowMs),
      {
        kind: "transition",
        table: "runs",
        key: { runId: signal.runId },
        from: [String(row["state"])],
        to: String(row["state"]),
        match: { signalsGiven: given, hop: Number(row["hop"]) },
        set: { signalsGiven: given + 1 },
      },
    ];
  }
}

const consumed = (delivery: Delivery): Unit => ({
  message: { held: delivery, consume: true },
  writes: [],
  publish: [],
});

const insertSignal = (signal: SignalBody, state: "pending" | "taken" | "late", nowMs: number): Write => ({
  kind: "insert",
  table: "signals",
  exists: "conflict",
  row: {
    signalId: signal.signalId,
    runId: signal.runId,
    signal: signal.signal,
    state,
    fields: signal.fields,
    otherwise: signal.otherwise ?? null,
    givenAt: nowMs,
  },
});
