import assert from "node:assert/strict";
import { ValenceError } from "../../../engine/errors.js";
import type { Clock } from "../../../engine/ports/clock.js";
import {
  BatchError,
  type BatchResult,
  type BatchWriter,
  type CommitResult,
  type Refusal,
  type Unit,
  type Write,
} from "../../../engine/ports/store.js";
import { silent } from "../../../engine/ports/telemetry.js";
import { GroupCommit } from "../../../engine/runtime/group-commit.js";

/** A unit whose journal owner is its name. `row`: the order it touches. */
function unit(name: string, { row, journal = true }: { row?: string; journal?: boolean } = {}): Unit {
  const write: Write = {
    kind: "transition",
    table: "orders",
    key: { orderId: row ?? name },
    from: ["a"],
    to: "b",
  };
  return {
    ...(journal
      ? {
          journal: [
            {
              runDay: "2025-01-01",
              runId: name,
              ...{ hop: 0, point: 0, step: 0 },
              kind: "barrier" as const,
              ...{ stage: "s", outcome: "", data: {}, owner: name },
            },
          ],
        }
      : { message: { held: { messageId: name, queue: "q", token: "t" }, consume: true } }),
    writes: [write],
    publish: [],
  };
}
const nameOf = ({ journal, message }: Unit): string => journal?.[0]?.owner ?? message?.held.messageId ?? "?";

/** What the writer does with a batch of these names; what it does not say it commits. */
type Script = (names: readonly string[], round: number) => BatchResult | BatchError | undefined;

/** Writes by script and keeps record; a batch takes until the test's next turn. */
class ScriptedWriter implements BatchWriter {
  readonly batches: string[] = [];
  readonly committed = new Set<string>();
  lookUps: (() => ReadonlySet<string> | BatchError)[] = [];
  looked = 0;

  constructor(private readonly script: Script = () => undefined) {}

  async write(units: readonly Unit[]): Promise<BatchResult> {
    const names = units.map(nameOf);
    const round = this.batches.push(names.join(" ")) - 1;
    await new Promise((resolve) => setImmediate(resolve));
    const result = this.script(names, round) ?? { result: "committed" };
    if (result instanceof BatchError) throw result;
    if (result.result === "committed") for (const name of names) this.committed.add(name);
    return result;
  }

  async committedOwners(): Promise<ReadonlySet<string>> {
    this.looked++;
    const answer = this.lookUps.shift()?.() ?? this.committed;
    if (answer instanceof BatchError) throw answer;
    return Promise.resolve(answer);
  }
}

/** Time passes only by waiting for it, and then at once. */
function stepClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, callback) => {
      nowMs += delayMs;
      setImmediate(callback);
      return () => undefined;
    },
  };
}

const laneOn = (writer: BatchWriter, batchUnitsMax = 256): GroupCommit =>
  new GroupCommit({
    writer,
    clock: stepClock(),
    telemetry: silent,
    keyColumns: () => ["orderId"],
    batchUnitsMax,
    retryForMsMax: 5_000,
  });

const ending = (commit: Promise<CommitResult>): Promise<string> =>
  commit.then(
    (settled) => (settled.result === "conflict" ? `conflict ${settled.table}` : settled.result),
    (error: unknown) => (error instanceof ValenceError ? error.code : String(error)),
  );
const run = (lane: GroupCommit, units: readonly Unit[]): Promise<string[]> =>
  Promise.all(units.map((one) => ending(lane.commit(one))));
const named = (names: string): readonly Unit[] => names.split(" ").map((name) => unit(name));

const failure = (kind: BatchError["kind"]): BatchError => new BatchError(kind, kind);
const refuse = (...refusals: Refusal[]): BatchResult => ({ result: "refused", refusals });

describe("group commit", () => {
  it("what is committed in one turn goes in one batch; what piles up meanwhile in the next", async () => {
    const writer = new ScriptedWriter();
    const lane = laneOn(writer);
    const first = run(lane, named("a b"));
    await Promise.resolve();
    await Promise.resolve();
    const second = [...named("c d e")].map((one) => lane.commit(one));
    await Promise.all([first, ...second]);
    assert.deepEqual(writer.batches, ["a b", "c d e"]);
  });

  it("a batch holds no more than it may", async () => {
    const writer = new ScriptedWriter();
    await run(laneOn(writer, 2), named("a b c d e"));
    assert.deepEqual(writer.batches, ["a b", "c d", "e"]);
  });

  it("units of the same row never share a batch, and keep their order past a third one", async () => {
    const writer = new ScriptedWriter();
    const touching = (name: string, row: string): Unit => unit(name, { row });
    const both: Unit = { ...touching("xy", "x"), writes: [...unit("x").writes, ...unit("y").writes] };
    await run(laneOn(writer), [touching("x1", "x"), both, touching("y1", "y"), touching("z1", "z")]);
    // y1 comes after xy although its row is free in the first batch.
    assert.deepEqual(writer.batches, ["x1 z1", "xy", "y1"]);
  });

  const same: readonly (readonly [what: string, first: Unit, second: Unit])[] = [
    ["journal key", unit("a"), { ...unit("a"), writes: [] }],
    ["message", unit("m", { journal: false }), { ...unit("m", { journal: false }), writes: [] }],
    [
      "row, inserted and moved",
      unit("a", { row: "r" }),
      {
        ...unit("b"),
        writes: [{ kind: "insert", table: "orders", row: { orderId: "r", amount: 1 }, exists: "keep" }],
      },
    ],
  ];
  for (const [what, first, second] of same) {
    it(`units of the same ${what} never share a batch`, async () => {
      const writer = new ScriptedWriter();
      await run(laneOn(writer), [first, second]);
      assert.equal(writer.batches.length, 2);
    });
  }

  const gates: readonly (readonly [refusals: readonly Refusal["gate"][], ending: string])[] = [
    [["lease"], "leaseLost"],
    [["fence"], "fenceLost"],
    [["guard"], "conflict orders"],
    [["guard", "fence"], "fenceLost"],
    [["guard", "fence", "lease"], "leaseLost"],
  ];
  for (const [lost, expected] of gates) {
    it(`refused by ${lost.join(" and ")}: ${expected}; the others are written again at once`, async () => {
      const writer = new ScriptedWriter((_, round) =>
        round === 0 ? refuse(...lost.map((gate) => ({ index: 1, gate, table: "orders" }))) : undefined,
      );
      assert.deepEqual(await run(laneOn(writer), named("a b c")), ["committed", expected, "committed"]);
      assert.deepEqual(writer.batches, ["a b c", "a c"]);
    });
  }

  it("transient: the same batch again until it goes", async () => {
    const writer = new ScriptedWriter((_, round) => (round < 3 ? failure("transient") : undefined));
    assert.deepEqual(await run(laneOn(writer), named("a b")), ["committed", "committed"]);
    assert.deepEqual(writer.batches, ["a b", "a b", "a b", "a b"]);
  });

  for (const kind of ["transient", "unreachable"] as const) {
    it(`${kind} for good: database_unreachable, and the next batch is tried`, async () => {
      let broken = true;
      const writer = new ScriptedWriter(() => (broken ? failure(kind) : undefined));
      const lane = laneOn(writer);
      assert.deepEqual(await run(lane, named("a b")), ["database_unreachable", "database_unreachable"]);
      broken = false;
      assert.deepEqual(await run(lane, named("c")), ["committed"]);
    });
  }

  it("a data error is cut down to the guilty unit; it alone is rejected", async () => {
    const writer = new ScriptedWriter((names) => (names.includes("e") ? failure("data") : undefined));
    const endings = await run(laneOn(writer), named("a b c d e f g h"));
    assert.deepEqual(
      endings,
      [..."abcdefgh"].map((name) => (name === "e" ? "write_rejected" : "committed")),
    );
    assert.deepEqual(writer.batches, ["a b c d e f g h", "a b c d", "e f g h", "e f", "e", "f", "g h"]);
  });

  it("an error nobody expected is treated as the fault of one unit, not of all", async () => {
    const writer = new ScriptedWriter();
    const write = writer.write.bind(writer);
    writer.write = (units) =>
      units.some((one) => nameOf(one) === "b") ? Promise.reject(new TypeError("?")) : write(units);
    assert.deepEqual(await run(laneOn(writer), named("a b c")), ["committed", "write_rejected", "committed"]);
  });

  it("a failed batch does not hold up its rows for ever", async () => {
    const writer = new ScriptedWriter((names) => (names.includes("a") ? failure("data") : undefined));
    const lane = laneOn(writer);
    const endings = await run(lane, [unit("a", { row: "r" }), unit("b", { row: "r" })]);
    assert.deepEqual(endings, ["write_rejected", "committed"]);
  });

  it("lost, and the journal has it: committed, not written again", async () => {
    const writer = new ScriptedWriter((names, round) => {
      if (round > 0) return undefined;
      for (const name of names) writer.committed.add(name);
      return failure("lost");
    });
    assert.deepEqual(await run(laneOn(writer), named("a b")), ["committed", "committed"]);
    assert.deepEqual(writer.batches, ["a b"]);
  });

  it("lost, and the journal has it not: written again", async () => {
    const writer = new ScriptedWriter((_, round) => (round === 0 ? failure("lost") : undefined));
    assert.deepEqual(await run(laneOn(writer), named("a b")), ["committed", "committed"]);
    assert.deepEqual(writer.batches, ["a b", "a b"]);
  });

  it("lost without a journal entry: commit_unknown, never written again", async () => {
    const writer = new ScriptedWriter((_, round) => (round === 0 ? failure("lost") : undefined));
    const endings = await run(laneOn(writer), [unit("a"), unit("m", { journal: false })]);
    assert.deepEqual(endings, ["committed", "commit_unknown"]);
    assert.deepEqual(writer.batches, ["a m", "a"]);
  });

  it("lost, and the journal cannot be read for long: it is asked again", async () => {
    const writer = new ScriptedWriter((_, round) => (round === 0 ? failure("lost") : undefined));
    writer.lookUps = [() => failure("unreachable"), () => failure("lost")];
    assert.deepEqual(await run(laneOn(writer), named("a")), ["committed"]);
    assert.equal(writer.looked, 3);
  });

  it("lost, and the journal cannot be read at all: commit_unknown", async () => {
    const writer = new ScriptedWriter(() => failure("lost"));
    writer.lookUps = Array.from({ length: 1_000 }, () => () => failure("unreachable"));
    assert.deepEqual(await run(laneOn(writer), named("a b")), ["commit_unknown", "commit_unknown"]);
    assert.deepEqual(writer.batches, ["a b"]);
  });

  it("lost again and again: commit_unknown, not unreachable, for one of them may arrive yet", async () => {
    const writer = new ScriptedWriter(() => failure("lost"));
    assert.deepEqual(await run(laneOn(writer), named("a")), ["commit_unknown"]);
  });

  for (const gate of ["lease", "fence", "guard"] as const) {
    it(`lost, written again and refused by its own ${gate}: committed, for it had been`, async () => {
      const writer = new ScriptedWriter((_, round) => {
        if (round === 0) return failure("lost");
        // What the server was sent before arrives while the repeat is under way.
        writer.committed.add("a");
        return round === 1
          ? refuse({ index: 0, gate, table: "orders" }, { index: 1, gate, table: "orders" })
          : undefined;
      });
      const endings = await run(laneOn(writer), named("a b"));
      const other = { lease: "leaseLost", fence: "fenceLost", guard: "conflict orders" }[gate];
      assert.deepEqual(endings, ["committed", other]);
    });
  }

  it("a refusal that names nobody is a broken invariant, not an endless loop", async () => {
    const writer = new ScriptedWriter(() => refuse());
    assert.deepEqual(await run(laneOn(writer), named("a")), ["write_rejected"]);
  });
});
