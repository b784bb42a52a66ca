/** Permits, priorities, pause and stop of one consumer of the relay. */
import assert from "node:assert/strict";
import { settled } from "../../../adapters/memory/clock.js";
import { queue, Relay, type RelayProcess } from "../../support/memory/relay.js";

describe("a consumer of the relay", () => {
  let relay: Relay;
  let process: RelayProcess;
  beforeEach(async () => {
    relay = new Relay();
    process = await relay.process();
  });

  const waiting = (): readonly unknown[] => relay.server.waiting(queue);

  it("high before normal, also before those that were handed over earlier", async () => {
    const hands = process.hands(1);
    await process.commit(relay.messages(3));
    await process.commit([relay.message(10, { priority: "high" }), relay.message(11, { priority: "high" })]);
    for (let index = 0; index < 5; index++) await hands.end(index);
    assert.deepEqual(hands.numbers(), [0, 10, 11, 1, 2]);
  });

  it("queues share the permits, and what waits for one is bounded per queue", async () => {
    const hands = process.hands(2, () => ["flow.pay", "flow.refund"]);
    await process.commit([...relay.messages(9), ...relay.messages(9, { queue: "flow.refund" }).map(renamed)]);
    assert.deepEqual([hands.begun.length, hands.consumer.inFlight], [2, 2]);
    assert.deepEqual([waiting().length, relay.server.waiting("flow.refund").length], [7, 7]);
  });
  const renamed = <M extends { messageId: string }>(one: M): M => ({
    ...one,
    messageId: `r-${one.messageId}`,
  });

  it("paused: what waits for a permit goes back, what is at work goes on", async () => {
    const hands = process.hands(2);
    const other = await relay.process();
    await process.commit(relay.messages(6));
    await hands.end(0);
    const theirs = other.hands(9);
    hands.consumer.pause();
    await settled();
    assert.deepEqual([...theirs.numbers()].sort(), [3, 4, 5]);
    await hands.end(1);
    await hands.end(2);
    assert.deepEqual([hands.numbers(), hands.consumer.inFlight], [[0, 1, 2], 0]);
  });

  it("paused, and resumed before anything went back: what waits is worked on, though nothing else happens", async () => {
    const hands = process.hands(1, () => ["a", "b"]);
    await process.commit([relay.message(0, { queue: "a" }), relay.message(1, { queue: "b" })]);
    let quiet = (): void => undefined;
    process.broker.quieting = new Promise((resolve) => (quiet = resolve));
    hands.consumer.pause();
    await hands.end(0);
    assert.deepEqual(hands.numbers(), [0], "took work while paused");
    hands.consumer.resume();
    await settled();
    assert.deepEqual(hands.numbers(), [0, 1]);
    quiet();
    await hands.end(1);
    assert.deepEqual([relay.server.queue("a").length, relay.server.queue("b").length], [0, 0]);
  });

  it("stopped: waits for what is at work until its deadline, then hands it back", async () => {
    const hands = process.hands(2);
    await process.commit(relay.messages(5));
    const stopping = hands.consumer.stop(5_000);
    await relay.pass(1_000);
    await hands.end(0);
    assert.deepEqual(waiting(), [2, 3, 4]);
    await relay.pass(4_500);
    await stopping;
    assert.deepEqual(waiting(), [1, 2, 3, 4]);
  });

  it("a queue that leaves takes what waits with it; one that comes is served", async () => {
    let queues = ["flow.pay", "flow.refund"];
    const hands = process.hands(1, () => queues);
    await process.commit([relay.message(0), relay.message(1, { queue: "flow.refund" })]);
    assert.deepEqual([hands.numbers(), relay.server.waiting("flow.refund")], [[0], []]);
    queues = ["flow.pay", "flow.close"];
    await relay.pass(500);
    assert.deepEqual(relay.server.waiting("flow.refund"), [1]);
    await process.commit([relay.message(2, { queue: "flow.close" })]);
    await hands.end(0);
    assert.deepEqual([hands.numbers(), relay.server.waiting("flow.refund")], [[0, 2], [1]]);
  });

  it("queues are made known to every process, also when the database was away at first", async () => {
    relay.tables.away = true;
    process.hands(1);
    await relay.pass(100);
    relay.tables.away = false;
    await relay.pass(1_000);
    assert.deepEqual([...relay.tables.used], [queue]);
  });

  it("a handler that settles nothing: the message comes again by the outbox, and its place is free", async () => {
    const hands = process.hands(1);
    await process.commit(relay.messages(2));
    await hands.end(0, false);
    assert.deepEqual(hands.numbers(), [0, 1]);
    await hands.end(1);
    await relay.pass(6_000);
    assert.deepEqual(hands.numbers(), [0, 1, 0]);
    assert.equal(hands.begun[2]?.deliveryCount, 2);
  });

  it("a handler that settles nothing while the database is away: the broker gets it back", async () => {
    const hands = process.hands(1);
    await process.commit(relay.messages(1));
    relay.tables.away = true;
    await hands.end(0, false);
    const other = await relay.process();
    relay.tables.away = false;
    other.hands(1);
    hands.consumer.pause();
    await relay.pass(2_000);
    assert.equal(relay.server.queue(queue)[0]?.holder, other.broker);
  });

  it("a consumer that was stopped is forgotten; closing closes the others first and the broker last", async () => {
    const hands = process.hands(1);
    await hands.consumer.stop(0);
    const open = process.hands(1);
    await process.commit(relay.messages(1));
    const closing = process.bus.close();
    await relay.pass(3_000);
    await closing;
    assert.deepEqual([process.broker.closed, open.consumer.inFlight, waiting()], [true, 1, [0]]);
  });
});
