/**
 * What every store has to keep, whatever it is made of. A unit of work passes its gates or leaves nothing behind, and
 * what happens to it is no other unit's business.
 */
import assert from "node:assert/strict";
import type { Held } from "../../engine/ports/bus.js";
import type { CommitResult, Unit, Write } from "../../engine/ports/store.js";
import { ValenceError } from "../../engine/errors.js";
import {
  hold,
  id,
  insert,
  journalEntry,
  message,
  orderRow,
  type TestProcess,
  traced,
  type Traced,
  traces,
  unique,
  type World,
} from "./world.js";

const everything = "row 1, journal 1, message 1";
const nothing = "row 0, journal 0, message 0";

const paid = (orderId: unknown, more: Partial<Extract<Write, { kind: "transition" }>> = {}): Write => ({
  kind: "transition",
  table: "orders",
  key: { orderId },
  from: ["processing"],
  to: "paid",
  ...more,
});

/** The code a commit is rejected with, or its result. */
export const ending = (commit: Promise<CommitResult>): Promise<string> =>
  commit.then(
    (settled) => (settled.result === "conflict" ? `conflict ${settled.table}` : settled.result),
    (error: unknown) => (error instanceof ValenceError ? error.code : String(error)),
  );

/** What the gates look at: each row prepares the reason for which the unit is refused. */
const gates: readonly (readonly [what: string, expected: string, lose: Lose])[] = [
  ["consumes a message it does not hold", "leaseLost", ({ held }) => lost(held, true)],
  ["holds on to a message it does not hold", "leaseLost", ({ held }) => lost(held, false)],
  [
    "works for a message that is gone",
    "leaseLost",
    () => lost({ messageId: id(), queue: "q", token: id() }, true),
  ],
  ["journal key is taken", "fenceLost", ({ taken }) => ({ journal: [{ ...taken, owner: id() }] })],
  ["inserts a row that exists", "conflict orders", ({ order }) => ({ writes: [insert("orders", order)] })],
  [
    "moves a row from a state it is not in",
    "conflict orders",
    ({ order }) => ({ writes: [paid(order["orderId"], { from: ["failed"] })] }),
  ],
  [
    "moves a row that does not match",
    "conflict orders",
    ({ order }) => ({ writes: [paid(order["orderId"], { match: { channel: "other" } })] }),
  ],
  [
    "moves a row that does not match a time",
    "conflict orders",
    ({ order }) => ({ writes: [paid(order["orderId"], { match: { updatedAt: 1 } })] }),
  ],
  ["moves a row that is not there", "conflict orders", () => ({ writes: [paid(id())] })],
  [
    "lost lease and taken key: the lease weighs more",
    "leaseLost",
    ({ held, taken }) => ({ ...lost(held, true), journal: [{ ...taken, owner: id() }] }),
  ],
  [
    "taken key and lost guard: the key weighs more",
    "fenceLost",
    ({ taken, order }) => ({ journal: [{ ...taken, owner: id() }], writes: [insert("orders", order)] }),
  ],
];

interface Given {
  readonly held: Held;
  readonly taken: ReturnType<typeof journalEntry>;
  readonly order: ReturnType<typeof orderRow>;
}
type Lose = (given: Given) => Partial<Unit>;
const lost = (held: Held, consume: boolean): Partial<Unit> => ({
  message: { held: { ...held, token: id() }, consume },
});

/** Rows that a database refuses, each for another reason. */
const badData: readonly (readonly [what: string, bad: Partial<Unit>])[] = [
  ["an amount that must not be", { writes: [insert("orders", orderRow({ amount: 0 }))] }],
  ["a text with a null character", { writes: [insert("orders", orderRow({ subject: "a\u0000b" }))] }],
  ["half a surrogate pair", { writes: [insert("orders", orderRow({ metadata: { a: "\ud800" } }))] }],
  ["an id that is none", { writes: [insert("orders", orderRow({ runId: "mine" }))] }],
  ["a state nobody knows", { writes: [insert("orders", orderRow({ status: "lost" }))] }],
  ["a value that is no JSON", { writes: [insert("orders", orderRow({ metadata: { a: 1n } }))] }],
  ["a column nobody described", { writes: [paid(id(), { set: { colour: "red" } })] }],
  [
    "a transition of a table that has no status",
    { writes: [{ kind: "transition", table: "timers", key: { runId: id(), hop: 0 }, from: ["a"], to: "b" }] },
  ],
  ["a day the journal has no room for", { journal: [journalEntry({ runDay: "2001-01-01" })] }],
];

export function storeContract(
  name: string,
  { open, processes }: { readonly open: () => Promise<World>; readonly processes: "one" | "many" },
): void {
  describe(`store contract: ${name}`, () => {
    let world: World;
    let process: TestProcess;
    before(async function () {
      // PGlite makes itself a database first, which takes seconds.
      this.timeout(60_000);
      world = await open();
      process = await world.open();
    });
    after(() => world.drop());

    /** Commits all at once, so that they share statements. */
    const commitAll = (units: readonly Traced[]): Promise<readonly string[]> =>
      Promise.all(units.map(({ unit }) => ending(process.store.commit(unit))));

    const assertAll = async (units: readonly Traced[], expected: string): Promise<void> => {
      for (const unit of units) assert.equal(await traces(process, unit), expected);
    };

    describe("a unit that", () => {
      for (const [what, expected, lose] of gates) {
        it(`${what}: ${expected}, nothing of it remains, and the others commit`, async () => {
          const { held, release } = await hold(process.bus);
          const before = traced();
          assert.deepEqual(await commitAll([before]), ["committed"]);
          const guilty = traced(lose({ held, taken: before.unit.journal![0]!, order: before.order }));
          const others = Array.from({ length: 6 }, () => traced());
          const units = [...others.slice(0, 3), guilty, ...others.slice(3)];
          const endings = await commitAll(units);
          assert.deepEqual(
            endings,
            units.map((unit) => (unit === guilty ? expected : "committed")),
          );
          assert.equal(await traces(process, guilty), nothing);
          await assertAll([before, ...others], everything);
          await release();
        });
      }

      it("keeps what is there: the row stays as it was and the unit commits", async () => {
        const row = orderRow({ subject: "first" });
        const keep = (subject: string): Traced =>
          traced({ writes: [insert("orders", { ...row, subject }, "keep")] });
        assert.deepEqual(await commitAll([keep("first")]), ["committed"]);
        const second = keep("second");
        assert.deepEqual(await commitAll([second]), ["committed"]);
        await assertAll([second], everything);
        assert.equal((await process.store.find("orders", { orderId: row["orderId"] }))?.["subject"], "first");
      });

      it("consumes its message: the message is gone; that only holds it: it is still there", async () => {
        for (const consume of [false, true]) {
          const { held, release } = await hold(process.bus);
          const unit = traced({ message: { held, consume } });
          assert.deepEqual(await commitAll([unit]), ["committed"]);
          assert.equal((await process.tamper.visibleInMs(held.messageId)) === undefined, consume);
          await release();
        }
      });

      it("publishes a message that exists: the first stays, the unit commits", async () => {
        const first = traced();
        const again = traced({ publish: first.unit.publish });
        assert.deepEqual(await commitAll([first, again]), ["committed", "committed"]);
        await assertAll([first], everything);
      });
    });

    it("what was written is read as it was: money, times, JSON and nothing", async () => {
      const row = orderRow({
        amount: Number.MAX_SAFE_INTEGER,
        expiresAt: 1_700_000_000_123,
        metadata: { a: ["ü", null, { b: 1.5 }] },
        subject: "naïve — 支付 'quoted' \"twice\" \\ \n",
      });
      await process.store.commit({ writes: [insert("orders", row)], publish: [] });
      const { action, channel, ...found } = (await process.store.find("orders", {
        orderId: row["orderId"],
      }))!;
      assert.deepEqual([action, channel], [null, null]);
      for (const [column, value] of Object.entries(row)) assert.deepEqual(found[column], value, column);
    });

    it("a transition sets what it says, and only where key, state and match agree", async () => {
      const rows = [orderRow(), orderRow({ channel: "sim" }), orderRow()];
      await process.store.commit({ writes: rows.map((row) => insert("orders", row)), publish: [] });
      const by = id();
      const write = paid(rows[1]!["orderId"], {
        match: { channel: "sim", paidBy: null, updatedAt: 1_700_000_000_000 },
        set: { paidBy: by, updatedAt: 1_700_000_001_000 },
      });
      assert.equal(await ending(process.store.commit({ writes: [write], publish: [] })), "committed");
      const after = await Promise.all(
        rows.map(async ({ orderId }) => {
          const row = await process.store.find("orders", { orderId });
          return [row?.["status"], row?.["paidBy"], row?.["updatedAt"]];
        }),
      );
      assert.deepEqual(after, [
        ["processing", null, 1_700_000_000_000],
        ["paid", by, 1_700_000_001_000],
        ["processing", null, 1_700_000_000_000],
      ]);
    });

    describe("units that touch the same guarded row", () => {
      const race = async (stores: readonly TestProcess[]): Promise<void> => {
        for (let round = 0; round < 15; round++) {
          const order = orderRow();
          await process.store.commit({ writes: [insert("orders", order)], publish: [] });
          const units = stores.flatMap((at) =>
            [0, 1].map(() => {
              const by = id();
              const unit = traced({ writes: [paid(order["orderId"], { set: { paidBy: by } })] });
              return { at, by, unit };
            }),
          );
          const endings = await Promise.all(units.map(({ at, unit }) => ending(at.store.commit(unit.unit))));
          const winners = units.filter((_, index) => endings[index] === "committed");
          assert.equal(winners.length, 1, endings.join(", "));
          assert.ok(endings.every((one) => one === "committed" || one === "conflict orders"));
          const row = await process.store.find("orders", { orderId: order["orderId"] });
          assert.equal(row?.["paidBy"], winners[0]?.by);
          for (const { unit } of units)
            assert.equal(await traces(process, unit), unit === winners[0]?.unit ? everything : nothing);
        }
      };
      it("of one process: exactly one wins", () => race([process]));
      if (processes === "many") {
        it("of two processes: exactly one wins", async () => race([process, await world.open()]));
      }
      it("that follow each other all commit, in their order", async () => {
        const order = orderRow();
        const step = (from: string, to: string): Write => paid(order["orderId"], { from: [from], to });
        const endings = await Promise.all(
          [
            insert("orders", order),
            step("processing", "requires_action"),
            step("requires_action", "paid"),
            step("paid", "partially_refunded"),
            step("partially_refunded", "refunded"),
          ].map((write) => ending(process.store.commit({ writes: [write], publish: [] }))),
        );
        assert.deepEqual(endings, Array(5).fill("committed"));
      });
    });

    describe("one unit among 50 others with", () => {
      for (const [what, bad] of badData) {
        it(`${what}: it alone is rejected, and the next batch knows nothing of it`, async () => {
          const guilty = traced(bad);
          const others = Array.from({ length: 50 }, () => traced());
          const units = [...others.slice(0, 20), guilty, ...others.slice(20)];
          assert.deepEqual(
            await commitAll(units),
            units.map((unit) => (unit === guilty ? "write_rejected" : "committed")),
          );
          const later = traced();
          assert.deepEqual(await commitAll([later]), ["committed"]);
          const after = [...others, later];
          await assertAll([after[0]!, after[19]!, after[20]!, after[49]!, later], everything);
          if (bad.journal === undefined) assert.equal(await traces(process, guilty), nothing);
        });
      }
    });

    it("a message published for later, or to expire, is stored as such", async () => {
      const queue = unique("later");
      await process.store.commit({ writes: [], publish: [message(queue, { delayMs: 60_000 })] });
      const depth = (await process.bus.depths()).find((one) => one.queue === queue);
      assert.deepEqual([depth?.ready, depth?.delayed], [0, 1]);
    });

    it("the journal gives the durable points of one hop in order, with the time left to send", async () => {
      const base = journalEntry({ kind: "intent", sendWindowMs: 8_000, data: { fields: { a: 1 } } });
      const entries = [
        base,
        { ...base, point: 1, step: 2, kind: "end" as const, outcome: "ok", owner: id() },
      ];
      const elsewhere = { ...base, hop: 1, owner: id() };
      for (const journal of [entries[1]!, entries[0]!, elsewhere])
        assert.equal(
          await ending(process.store.commit({ journal: [journal], writes: [], publish: [] })),
          "committed",
        );
      const found = await process.store.journal(base.runDay, base.runId, 0);
      assert.deepEqual(
        found.map(({ step, kind, outcome, owner, data, runId, runDay }) => ({
          ...{ step, kind, outcome, owner, data, runId, runDay },
        })),
        entries.map(({ step, kind, outcome, owner, data, runId, runDay }) => ({
          ...{ step, kind, outcome, owner, data, runId, runDay },
        })),
      );
      const leftMs = found[0]?.sendDeadlineInMs ?? 0;
      assert.ok(leftMs > 0 && leftMs <= 8_000, `${leftMs} ms left`);
    });

    it("signals that wait for a run come oldest first, and taken ones not at all", async () => {
      const runId = id();
      const signal = (name: string, givenAt: number, state = "pending"): Write =>
        insert("signals", { signalId: id(), runId, signal: name, state, fields: { n: name }, givenAt });
      const writes = [signal("b", 2_000), signal("a", 1_000), signal("gone", 500, "taken")];
      await process.store.commit({ writes, publish: [] });
      const pending = await process.store.pendingSignals(runId);
      assert.deepEqual(
        pending.map(({ signal: name, fields }) => [name, fields]),
        [
          ["a", { n: "a" }],
          ["b", { n: "b" }],
        ],
      );
    });
  });
}
