/** Messages that come again after their process died: the guilty one is found, the innocent are done. */
import assert from "node:assert/strict";
import { limits } from "../../../engine/limits.js";
import type { Delivery } from "../../../engine/ports/bus.js";
import { settled } from "../../../adapters/memory/clock.js";
import { queue, Relay, type RelayProcess } from "../../support/memory/relay.js";

describe("suspects: messages that came again after a delivery that ended unseen", () => {
  let relay: Relay;
  beforeEach(() => {
    relay = new Relay();
  });

  /** A process works on `count` messages and dies. */
  async function died(count: number): Promise<void> {
    const process = await relay.process();
    process.hands(count);
    if (relay.server.queue(queue).length === 0) await process.commit(relay.messages(count));
    await relay.pass(100);
    process.die();
    await settled();
  }

  const counts = (deliveries: readonly Delivery[]): readonly (readonly unknown[])[] =>
    deliveries.map(({ body, deliveryCount }) => [body["n"], deliveryCount]);

  it("the first repetition runs beside others, counted before it begins", async () => {
    await died(3);
    const process = await relay.process();
    const hands = process.hands(5);
    await settled();
    assert.deepEqual(
      counts(hands.begun),
      [0, 1, 2].map((n) => [n, 2]),
    );
    assert.deepEqual(process.outbox.counted, ["message-0", "message-1", "message-2"]);
  });

  it("from the second repetition on one at a time; what follows in the queue is not held up", async () => {
    await died(3);
    await died(3);
    const process = await relay.process();
    const hands = process.hands(5);
    await process.commit([relay.message(7), relay.message(8)]);
    assert.deepEqual([...hands.numbers()].sort(), [0, 7, 8]);
    await hands.end(hands.numbers().indexOf(0));
    assert.deepEqual(hands.numbers().slice(3), [1]);
    assert.equal(hands.begun.at(-1)?.deliveryCount, 3);
  });

  it("the guilty one alone counts up to its dead letter; the innocent are done, and never near to theirs", async () => {
    const poison = 1;
    const seen = new Map<unknown, number>();
    let deaths = 0;
    /** Ends work in the order it began, until the guilty one begins, which kills, or has been buried. */
    const work = async (process: RelayProcess): Promise<void> => {
      const hands = process.hands(4);
      if (deaths === 0) await process.commit(relay.messages(5));
      await settled();
      for (let index = 0; index < hands.begun.length; index++) {
        for (const { body, deliveryCount } of hands.begun) seen.set(body["n"], deliveryCount);
        const guilty = hands.begun.find(({ body }) => body["n"] === poison);
        if (guilty && guilty.deliveryCount < limits.deliveriesMax) {
          deaths++;
          process.die();
          return settled();
        }
        await hands.end(index);
      }
    };
    do await work(await relay.process());
    while (relay.server.queue(queue).length > 0);
    assert.equal(deaths, limits.deliveriesMax - 1);
    assert.deepEqual(
      [...seen].sort(),
      [0, 1, 2, 3, 4].map((n) => [n, n === poison ? limits.deliveriesMax : 3]),
    );
  });

  it("one line for all consumers of a process: they die together", async () => {
    const first = await relay.process();
    for (const round of [1, 2]) {
      const process = round === 1 ? first : await relay.process();
      const all = process.hands(2, () => ["a", "b"]);
      if (round === 1)
        await process.commit([relay.message(0, { queue: "a" }), relay.message(1, { queue: "b" })]);
      await settled();
      assert.equal(all.begun.length, 2);
      process.die();
      await settled();
    }
    const process = await relay.process();
    const consumers = ["a", "b"].map((each) => process.hands(2, () => [each]));
    await settled();
    const begun = (): number => consumers.reduce((sum, hands) => sum + hands.begun.length, 0);
    assert.equal(begun(), 1);
    await consumers.find((hands) => hands.begun.length === 1)?.end(0);
    assert.equal(begun(), 2);
  });

  it("settled, nothing is held against it any more, also when the database was away then", async () => {
    await died(2);
    const process = await relay.process();
    const hands = process.hands(2);
    await settled();
    relay.tables.away = true;
    await hands.end(0);
    relay.tables.away = false;
    assert.equal(relay.tables.beginnings.size, 2);
    await hands.end(1);
    assert.equal(relay.tables.beginnings.size, 0);
  });

  it("what only waited and went back is held against nobody", async () => {
    const queues = ["a", "b", "c"];
    const messages = queues.map((each, n) => relay.message(n, { queue: each }));
    const first = await relay.process();
    first.hands(3, () => queues);
    await first.commit(messages);
    first.die();
    await settled();
    for (let round = 0; round < 5; round++) {
      const process = await relay.process();
      const hands = process.hands(1, () => queues);
      await settled();
      assert.deepEqual(hands.numbers(), [0]);
      process.bus.committed([], [hands.begun[0]!]);
      await process.commit([messages[0]!]);
      await hands.consumer.stop(0);
      process.die();
      await settled();
    }
    assert.deepEqual(
      ["message-1", "message-2"].map((each) => relay.tables.beginnings.get(each)),
      [undefined, undefined],
    );
  });

  const lookups: readonly [
    string,
    (process: RelayProcess, hands: ReturnType<RelayProcess["hands"]>) => void,
  ][] = [
    ["stopped", (_, hands) => void hands.consumer.stop(0)],
    ["paused", (_, hands) => hands.consumer.pause()],
  ];
  for (const [what, happens] of lookups) {
    it(`${what} while suspects are looked up: they go back, and nobody waits for them`, async () => {
      await died(2);
      const process = await relay.process();
      let answer = (): void => undefined;
      process.outbox.gate = new Promise((resolve) => (answer = resolve));
      const hands = process.hands(2);
      await settled();
      happens(process, hands);
      await settled();
      answer();
      await settled();
      assert.deepEqual([relay.server.waiting(queue), hands.numbers()], [[0, 1], []]);
    });
  }

  it("the database away when they are looked up or counted: they go back after a while, and the line moves on", async () => {
    await died(3);
    await died(3);
    const process = await relay.process();
    const suspect = process.outbox.suspect.bind(process.outbox);
    let refusals = 1;
    process.outbox.suspect = async (messageId) => {
      if (refusals-- > 0) throw new Error("the database is away");
      await suspect(messageId);
    };
    const hands = process.hands(3);
    await settled();
    assert.deepEqual(hands.numbers(), [1], "the next one's turn");
    await hands.end(0);
    await hands.end(1);
    await relay.pass(1_500);
    assert.deepEqual(hands.numbers(), [1, 2, 0]);
    relay.tables.away = true;
    const late = await relay.process();
    hands.consumer.pause();
    process.die();
    const again = late.hands(1);
    await relay.pass(3_000);
    assert.deepEqual(again.numbers(), []);
    relay.tables.away = false;
    await relay.pass(1_500);
    assert.deepEqual(again.numbers(), [0]);
  });

  it("a suspect whose queue leaves while it waits for a permit does not keep the others waiting", async () => {
    const all = ["a", "b"];
    for (const round of [1, 2]) {
      const process = await relay.process();
      process.hands(9, () => all);
      if (round === 1) await process.commit(all.map((each, n) => relay.message(n, { queue: each })));
      await relay.pass(100);
      process.die();
      await settled();
    }
    let queues = ["busy"];
    const process = await relay.process();
    const hands = process.hands(1, () => queues);
    await process.commit([relay.message(9, { queue: "busy" })]);
    queues = ["busy", ...all];
    await relay.pass(500);
    queues = ["busy", "b"];
    await relay.pass(500);
    assert.deepEqual([hands.numbers(), relay.server.waiting("a")], [[9], [0]]);
    await hands.end(0);
    assert.deepEqual(hands.numbers(), [9, 1]);
  });
});
