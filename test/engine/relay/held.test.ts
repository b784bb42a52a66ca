/** What this process holds of the broker's messages: handed out again, published twice, given back. */
import assert from "node:assert/strict";
import { settled } from "../../../adapters/memory/clock.js";
import { queue, Relay, type RelayProcess } from "../../support/memory/relay.js";

describe("what the relay holds", () => {
  let relay: Relay;
  let process: RelayProcess;
  beforeEach(async () => {
    relay = new Relay();
    process = await relay.process();
  });

  const left = (): number => relay.server.queue(queue).length;
  /** The connection is cut, and back before anybody else takes what was held. */
  const reconnect = async (): Promise<void> => {
    process.broker.cut();
    process.broker.mend();
    await settled();
  };

  it("a redelivery of what is at work is the same work, and the answer goes to the newer handing-out", async () => {
    const hands = process.hands(5);
    await process.commit(relay.messages(2));
    assert.deepEqual(hands.numbers(), [0, 1]);
    await reconnect();
    assert.deepEqual(hands.numbers(), [0, 1]);
    await hands.end(0);
    await hands.end(1);
    assert.deepEqual([left(), hands.numbers()], [0, [0, 1]]);
  });

  it("a redelivery of what is at work is adopted while the consumer pauses, too", async () => {
    const hands = process.hands(5);
    await process.commit(relay.messages(1));
    process.broker.cut();
    process.broker.mend();
    hands.consumer.pause();
    await settled();
    await hands.end(0);
    assert.equal(left(), 0);
  });

  it("a redelivery of what was settled meanwhile is answered at once", async () => {
    const hands = process.hands(5);
    await process.commit(relay.messages(1));
    process.broker.cut();
    await hands.end(0);
    assert.equal(left(), 1, "the answer was lost on the way");
    process.broker.mend();
    await settled();
    assert.deepEqual([left(), hands.numbers()], [0, [0]]);
  });

  it("the same message published twice is one piece of work, and both are answered when it is durable", async () => {
    const hands = process.hands(5);
    await process.commit(relay.messages(1));
    await process.commit(relay.messages(1));
    assert.deepEqual([hands.numbers(), left()], [[0], 2]);
    await hands.end(0);
    assert.deepEqual([hands.numbers(), left()], [[0], 0]);
  });

  it("a publication the broker has twice, for its confirmation was lost, is one piece of work, and both copies go", async () => {
    const hands = process.hands(5);
    let confirmed = false;
    process.broker.sending = (publication) => {
      if (confirmed) return;
      confirmed = true;
      relay.server.queue(queue).push({ publication, handedOut: false, holder: undefined });
      relay.server.pump();
      throw new Error("stored, and nobody was told");
    };
    await process.commit(relay.messages(1));
    await relay.pass(1_000);
    assert.deepEqual([hands.numbers(), left()], [[0], 2]);
    await hands.end(0);
    assert.deepEqual(
      [hands.numbers(), left()],
      [[0], 0],
      "a copy without an answer keeps its place for ever",
    );
  });

  it("a leftover does not swallow what followed it: when its process dies, the successor is still there", async () => {
    // Cut off, the process works on; another one gets the message, fails, and gives it back as a new publication.
    const hands = process.hands(5);
    await process.commit(relay.messages(1));
    process.broker.cut();
    const other = await relay.process();
    const theirs = other.hands(1);
    await settled();
    const [held] = theirs.begun;
    assert.ok(held, "the other process has it");
    theirs.consumer.pause();
    await settled();
    process.broker.mend();
    await other.bus.release(held, 0);
    await relay.pass(100);
    assert.deepEqual([hands.numbers(), left()], [[0], 1], "handed to who holds the leftover");
    process.die();
    await settled();
    assert.deepEqual(
      relay.server.waiting(queue),
      [0],
      "the last of it was answered before its work was durable",
    );
  });

  it("what is held is said to be in work, each publication of it", async () => {
    process.hands(1);
    await process.commit([relay.message(0), relay.message(1), relay.message(0)]);
    await relay.pass(8_000);
    assert.deepEqual(process.broker.saidWorking, ["message-0"]);
    const wide = await relay.process();
    wide.hands(5);
    await wide.commit([relay.message(5)]);
    await wide.commit([relay.message(5)]);
    await relay.pass(8_000);
    assert.ok(wide.broker.saidWorking.filter((id) => id === "message-5").length >= 2);
  });

  it("released: the new one is durable before the old one goes, and is counted unless nobody is to blame", async () => {
    const hands = process.hands(5);
    await process.commit(relay.messages(1));
    const counts: number[] = [];
    for (const blame of [true, false, true]) {
      const delivery = hands.begun.at(-1);
      assert.ok(delivery);
      counts.push(delivery.deliveryCount);
      await process.bus.release(delivery, 1_000, { blame });
      await settled();
      assert.deepEqual([left(), [...relay.tables.rows.values()].some(({ owner }) => !owner)], [0, true]);
      await relay.pass(1_500);
    }
    assert.deepEqual([...counts, hands.begun.at(-1)?.deliveryCount], [1, 2, 2, 3]);
  });

  it("a release that the database does not take leaves the message in hand", async () => {
    const hands = process.hands(5);
    await process.commit(relay.messages(1));
    relay.tables.away = true;
    await assert.rejects(process.bus.release(hands.begun[0]!, 0));
    assert.equal(left(), 1);
    relay.tables.away = false;
    await process.bus.release(hands.begun[0]!, 1_000);
    assert.equal(left(), 0);
  });
});
