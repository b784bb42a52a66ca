/** What the scheduler relies on: any number of them may look for due work at the same time. */
import assert from "node:assert/strict";
import type { DueTimer } from "../../engine/ports/housekeeping.js";
import type { JournalEntry } from "../../engine/ports/store.js";
import { signalMessage } from "../../engine/runtime/publications.js";
import { signalQueue } from "../../engine/runtime/message.js";
import { hold, id, insert, journalEntry, runRow, type TestProcess, type World } from "./world.js";

const toMessage = ({ runId, hop, signal }: DueTimer) =>
  signalMessage({ signalId: id(), runId, signal, fields: {}, hop });

export function housekeepingContract(
  name: string,
  { open, processes }: { readonly open: () => Promise<World>; readonly processes: "one" | "many" },
): void {
  describe(`housekeeping contract: ${name}`, () => {
    let world: World;
    let schedulers: readonly TestProcess[];
    let process: TestProcess;
    before(async function () {
      this.timeout(60_000);
      world = await open();
      process = await world.open();
      schedulers = processes === "many" ? [process, await world.open()] : [process];
    });
    after(() => world.drop());

    const timersLeft = async (timers: readonly { runId: string }[]): Promise<number> =>
      (await Promise.all(timers.map(({ runId }) => process.store.find("timers", { runId, hop: 3 })))).filter(
        Boolean,
      ).length;

    it("due timers fire exactly once, whoever looks; the others stay", async () => {
      const nowMs = Date.now();
      const timer = (dueAt: number) => ({ runId: id(), hop: 3, signal: "timeout", dueAt });
      const due = Array.from({ length: 200 }, (_, n) => timer(nowMs - 60_000 + n));
      const later = Array.from({ length: 10 }, () => timer(nowMs + 60_000));
      const writes = [...due, ...later].map((row) => insert("timers", row));
      await process.store.commit({ writes, publish: [] });
      const fired: DueTimer[] = [];
      const fire = async ({ store }: TestProcess): Promise<void> => {
        while (
          (await store.fireTimers((one) => {
            fired.push(one);
            return toMessage(one);
          }, 15)) > 0
        );
      };
      await Promise.all([...schedulers, ...schedulers].map(fire));
      assert.equal(fired.length, 200);
      assert.deepEqual(
        new Set(fired.map(({ runId, hop, signal }) => `${runId} ${hop} ${signal}`)),
        new Set(due.map(({ runId }) => `${runId} 3 timeout`)),
      );
      const depth = (await process.bus.depths()).find(({ queue }) => queue === signalQueue);
      assert.equal(depth?.ready, 200);
      assert.equal(await timersLeft(due), 0);
      assert.equal(await timersLeft(later), 10);
    });

    it("a timer whose message cannot be published stays", async () => {
      const row = { runId: id(), hop: 3, signal: "timeout", dueAt: 1 };
      await process.store.commit({ writes: [insert("timers", row)], publish: [] });
      const broken = (one: DueTimer) => ({ ...toMessage(one), messageId: "no id" });
      await assert.rejects(process.store.fireTimers(broken, 10));
      assert.equal(await timersLeft([row]), 1);
      assert.equal(await process.store.fireTimers(toMessage, 10), 1);
    });

    it("silent are open runs whose row and journal have not moved, with what the journal says since", async () => {
      const states = ["open", "open", "open", "waiting", "parked", "ended"] as const;
      const runs = states.map((state, n) => runRow({ state, hop: 1, body: { n } }));
      const fresh = runRow({ updatedAt: Date.now() });
      const writes = [...runs, fresh].map((row) => insert("runs", row));
      await process.store.commit({ writes, publish: [] });
      const end = (run: number, hop: number): JournalEntry =>
        journalEntry({ runId: String(runs[run]!["runId"]), hop, kind: "end", data: { hop } });
      // The second run moved long ago, twice since its row was written; the third moves right now.
      for (const journal of [end(1, 2), end(1, 1), end(1, 0), end(2, 1)])
        await process.store.commit({ journal: [journal], writes: [], publish: [] });
      await process.tamper.ageJournal(String(runs[1]!["runId"]));
      const silent = await process.store.silentRuns(60_000, 100);
      const found = new Map(silent.map(({ runId, body, ended }) => [runId, { body, ended }]));
      assert.deepEqual(
        [...runs, fresh].map(({ runId }) => found.get(String(runId))),
        [
          { body: { n: 0 }, ended: [] },
          { body: { n: 1 }, ended: [{ hop: 1 }, { hop: 2 }] },
          ...Array(5).fill(undefined),
        ],
      );
      assert.equal((await process.store.silentRuns(60_000, 1)).length, 1);
    });

    it("the journal has room for today and the days ahead; what was missing is made once, whoever makes it", async () => {
      const made = await Promise.all(
        [...schedulers, ...schedulers].map(({ store }) => store.ensurePartitions(9)),
      );
      assert.ok(made.some((days) => days.length > 0));
      assert.deepEqual(await process.store.ensurePartitions(9), []);
      const dayIn = (days: number): string =>
        new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
      for (const days of [-1, 0, 1, 9]) {
        const journal = journalEntry({ runDay: dayIn(days) });
        const { result } = await process.store.commit({ journal: [journal], writes: [], publish: [] });
        assert.equal(result, "committed", `${days} days ahead`);
      }
    });

    it("nonces are removed once their window has passed, not before", async () => {
      const nonce = (name: string, expiresAt: number) => ({ merchantId: "m", nonce: name, expiresAt });
      const rows = [nonce("old 1", 1), nonce("old 2", 2), nonce("new", Date.now() + 60_000)];
      await process.store.commit({ writes: rows.map((row) => insert("nonces", row)), publish: [] });
      assert.equal(await process.store.purgeNonces(1), 1);
      assert.equal(await process.store.purgeNonces(10), 1);
      assert.equal(await process.store.purgeNonces(10), 0);
      assert.ok(await process.store.find("nonces", { merchantId: "m", nonce: "new" }));
    });

    it("leases of owners that no longer beat are freed, those of the living are not", async () => {
      const { held, release } = await hold(process.bus);
      await process.tamper.beat(process.instance, 0);
      assert.equal(await process.store.releaseDeadLeases(10_000), 0);
      await process.tamper.beat(process.instance, 60_000);
      assert.equal(await process.store.releaseDeadLeases(10_000), 1);
      assert.ok((await process.tamper.visibleInMs(held.messageId))! <= 0);
      const stale = { message: { held, consume: true }, writes: [], publish: [] };
      assert.deepEqual(await process.store.commit(stale), { result: "leaseLost" });
      await release();
    });
  });
}
