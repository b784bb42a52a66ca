/** The outbox on real PostgreSQL: who takes what, and when. */
import assert from "node:assert/strict";
import { connect, type Database } from "../../../../adapters/store/postgres/database.js";
import { PostgresModuleRegistry } from "../../../../adapters/store/postgres/module-registry.js";
import { PostgresOutbox } from "../../../../adapters/store/postgres/outbox.js";
import { commitSetup } from "../../../../adapters/store/postgres/statement.js";
import type { Outgoing, OutgoingMessage } from "../../../../engine/ports/bus.js";
import type { TakenPublication } from "../../../../engine/ports/outbox.js";
import { id, message, unique } from "../../../contract/world.js";
import { freshDatabase, type TestDatabase } from "../../../support/postgres.js";

const all = 1_000;

describe("the outbox on PostgreSQL", () => {
  let test: TestDatabase;
  let database: Database;
  before(async () => {
    test = await freshDatabase();
    database = connect(
      { url: test.url, embedded: false, applicationName: "test", connectionsMax: 4 },
      commitSetup,
    );
  });
  after(async () => {
    await database?.close();
    await test?.drop();
  });

  /** A process whose last sign of life is so old. */
  async function process(
    beatAgoMs = 0,
  ): Promise<{ readonly instance: string; readonly outbox: PostgresOutbox }> {
    const instance = id();
    const module = { module: "test", host: "test", pid: 1, pidSpace: "", startedTicks: "", version: "0" };
    await new PostgresModuleRegistry(database.pool).register([
      { instance, ...module, queues: [], atoms: {} },
    ]);
    await database.pool.query(
      "update core.modules set beat_at = now() - $2 * interval '1 millisecond' where instance = $1",
      [instance, beatAgoMs],
    );
    return { instance, outbox: new PostgresOutbox(database.pool, instance) };
  }

  const outgoing = (queue: string, more: Partial<OutgoingMessage> = {}, deliveryCount = 0): Outgoing => ({
    publicationId: id(),
    deliveryCount,
    message: message(queue, more),
  });

  /** Lets rows have been due so long ago. */
  const age = (queue: string, dueAgoMs: number): Promise<unknown> =>
    database.pool.query(
      "update bus.outbox set due_at = now() - $2 * interval '1 millisecond' where queue = $1",
      [queue, dueAgoMs],
    );

  const of = (taken: readonly TakenPublication[], queue: string): readonly string[] =>
    taken.filter((one) => one.publication.queue === queue).map((one) => one.publication.publicationId);

  /** Publication ids of `queue` that the process takes. */
  const takes = async (
    { outbox }: { outbox: PostgresOutbox },
    queue: string,
    knownOwn?: (publicationId: string) => boolean,
  ): Promise<readonly string[]> => of(await outbox.takeDue(all, knownOwn), queue);

  interface Case {
    readonly what: string;
    /** Whose row it is. */
    readonly owner: "living" | "dead" | "taker";
    readonly delayMs?: number;
    readonly dueAgoMs?: number;
    /** What the taker is asked to look for among its own. */
    readonly known?: "all" | "none";
    readonly taken: boolean;
  }
  const cases: readonly Case[] = [
    { what: "delayed and not due", owner: "living", delayMs: 60_000, taken: false },
    { what: "delayed and due", owner: "living", delayMs: 60_000, dueAgoMs: 1, taken: true },
    { what: "of a process that lives", owner: "living", dueAgoMs: 60_000, taken: false },
    { what: "of a process that died", owner: "dead", taken: true },
    { what: "of a process that died, not due", owner: "dead", delayMs: 60_000, taken: false },
    { what: "its own, not asked for", owner: "taker", dueAgoMs: 60_000, taken: false },
    { what: "its own, known to it", owner: "taker", dueAgoMs: 60_000, known: "all", taken: false },
    { what: "its own, lost sight of", owner: "taker", dueAgoMs: 60_000, known: "none", taken: true },
    { what: "its own, on its way to memory", owner: "taker", dueAgoMs: 0, known: "none", taken: false },
  ];
  for (const { what, owner, delayMs, dueAgoMs, known, taken } of cases) {
    it(`${what}: ${taken ? "taken, once" : "left alone"}`, async () => {
      const taker = await process();
      const writer = owner === "taker" ? taker : await process(owner === "dead" ? 3_600_000 : 0);
      const queue = unique("q");
      const one = outgoing(queue, delayMs === undefined ? {} : { delayMs });
      await writer.outbox.add([one]);
      if (dueAgoMs !== undefined) await age(queue, dueAgoMs);
      const isKnown = known === undefined ? undefined : (): boolean => known === "all";
      assert.deepEqual(await takes(taker, queue, isKnown), taken ? [one.publicationId] : []);
      assert.deepEqual(await takes(taker, queue), [], "it is the taker's now");
    });
  }

  it("a process that is not in the registry itself does not take its own again and again", async () => {
    const stranger = { outbox: new PostgresOutbox(database.pool, id()) };
    const queue = unique("q");
    await stranger.outbox.add([outgoing(queue)]);
    assert.deepEqual(await takes(stranger, queue), []);
  });

  it("each row goes to one of two processes that look at once, oldest first", async () => {
    const dead = await process(3_600_000);
    const queue = unique("q");
    const rows = Array.from({ length: 200 }, (_, n) => outgoing(queue, { body: { n } }));
    await dead.outbox.add(rows);
    const takers = [await process(), await process()];
    const taken: (readonly string[])[] = [];
    while (taken.flat().length < rows.length) {
      const round = await Promise.all(takers.map(async ({ outbox }) => of(await outbox.takeDue(30), queue)));
      assert.ok(round.flat().length > 0, "nothing is left, and not all was taken");
      taken.push(...round);
    }
    assert.deepEqual(taken.flat().sort(), rows.map(({ publicationId }) => publicationId).sort());
    for (const batch of taken) assert.deepEqual(batch, [...batch].sort(), "oldest first");
  });

  it("what is taken is what was added, with its priority, counts and times", async () => {
    const { outbox } = await process(3_600_000);
    const queue = unique("q");
    const more = { correlationId: "c", replyTo: "r", body: { a: ["ü", 1] }, expiresInMs: 60_000 } as const;
    const one = outgoing(queue, { ...more, priority: "high", type: "signal" }, 3);
    await outbox.add([one]);
    const [taken] = (await (await process()).outbox.takeDue(all)).filter(
      ({ publication }) => publication.queue === queue,
    );
    assert.ok(taken);
    const { readyAtMs, expiresAtMs = 0, ...rest } = taken.publication;
    const { messageId, body, correlationId, replyTo, type } = one.message;
    assert.deepEqual(rest, {
      ...{ publicationId: one.publicationId, messageId, queue, type, body, correlationId, replyTo },
      deliveryCount: 3,
    });
    assert.deepEqual([taken.priority, expiresAtMs - readyAtMs], ["high", 60_000]);
  });

  it("the same publication twice is one row; confirmed it is gone; unknown ids are ignored", async () => {
    const { outbox } = await process();
    const queue = unique("q");
    const [one, other] = [outgoing(queue), outgoing(queue)];
    await outbox.add([one, other]);
    await outbox.add([one]);
    const depth = async (): Promise<unknown> => (await outbox.depths()).find((each) => each.queue === queue);
    assert.deepEqual(await depth(), { queue, unsent: 2, delayed: 0 });
    await outbox.confirmed([one.publicationId, id()]);
    assert.deepEqual(await depth(), { queue, unsent: 1, delayed: 0 });
    await outbox.confirmed([other.publicationId]);
    assert.equal(await depth(), undefined);
  });

  it("what waits in it can be looked at, oldest first, delayed ones told apart", async () => {
    const { outbox } = await process();
    const queue = unique("q");
    const [later, now] = [outgoing(queue, { delayMs: 60_000 }), outgoing(queue)];
    await outbox.add([later, now]);
    const seen = async (limit: number): Promise<unknown> =>
      (await outbox.browse(queue, limit)).map(({ messageId, state }) => [messageId, state]);
    const expected = [
      [now.message.messageId, "unsent"],
      [later.message.messageId, "delayed"],
    ];
    assert.deepEqual(await seen(10), expected);
    assert.deepEqual(await seen(1), expected.slice(0, 1));
  });

  it("beginnings of suspects are counted by whoever works on them, until they are cleared", async () => {
    const [{ outbox: one }, { outbox: other }] = [await process(), await process()];
    const [guilty, innocent] = [id(), id()];
    await one.suspect(guilty);
    await other.suspect(guilty);
    await one.suspect(innocent);
    const counts = (): Promise<readonly number[]> =>
      Promise.all([guilty, innocent, id()].map((each) => other.suspicion(each)));
    assert.deepEqual(await counts(), [2, 1, 0]);
    await other.cleared([innocent, id()]);
    assert.deepEqual(await counts(), [2, 0, 0]);
  });

  it("queues are known to every process, each once", async () => {
    const [{ outbox: one }, { outbox: other }] = [await process(), await process()];
    const [a, b] = [unique("a"), unique("b")];
    await one.use([a]);
    await other.use([a, b]);
    await other.use([b]);
    assert.deepEqual(
      (await one.queues()).filter((queue) => queue === a || queue === b),
      [a, b],
    );
  });
});
