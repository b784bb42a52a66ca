/** What was committed leaves, whatever happens to broker, database and process. */
import assert from "node:assert/strict";
import { limits } from "../../../engine/limits.js";
import { settled } from "../../../adapters/memory/clock.js";
import { queue, Relay, type RelayProcess } from "../../support/memory/relay.js";

describe("the relay sends what was committed", () => {
  let relay: Relay;
  let process: RelayProcess;
  beforeEach(async () => {
    relay = new Relay();
    process = await relay.process();
  });

  const atBroker = (): readonly unknown[] => relay.server.waiting(queue);

  it("in order where nothing failed, and none waits for another's confirmation", async () => {
    const confirm: (() => void)[] = [];
    process.broker.sending = () => new Promise((resolve) => confirm.push(resolve));
    await process.commit(relay.messages(3));
    assert.deepEqual(
      process.broker.tries.map(({ body }) => body["n"]),
      [0, 1, 2],
    );
    assert.equal(process.bus.unsent, 3);
    for (const each of confirm) each();
    await settled();
    assert.deepEqual([atBroker(), process.bus.unsent], [[0, 1, 2], 0]);
  });

  it("a send that failed is sent again, under the same publication id, and the others are not", async () => {
    let fails = 2;
    process.broker.sending = ({ body }) => {
      if (body["n"] === 1 && fails-- > 0) throw new Error("unroutable");
    };
    await process.commit(relay.messages(3));
    await relay.pass(1_000);
    assert.deepEqual(atBroker(), [0, 2, 1]);
    const tries = process.broker.tries.filter(({ body }) => body["n"] === 1);
    assert.equal(tries.length, 3);
    assert.equal(new Set(tries.map(({ publicationId }) => publicationId)).size, 1);
    assert.equal(relay.tables.rows.size, 0);
  });

  it("rows of what was confirmed go in batches; a database that is away is asked until they are gone", async () => {
    await process.commit(relay.messages(30));
    assert.equal(relay.tables.rows.size, 30);
    relay.tables.away = true;
    await relay.pass(1_000);
    assert.equal(relay.tables.rows.size, 30);
    relay.tables.away = false;
    await relay.pass(100);
    assert.deepEqual([relay.tables.rows.size, process.outbox.batches], [0, [30]]);
    assert.equal(process.broker.tries.length, 30, "none was sent twice");
  });

  it("closing takes every confirmed row away, however many they are", async () => {
    await process.commit(relay.messages(2_500));
    const closing = process.bus.close();
    await relay.pass(5_000);
    await closing;
    assert.deepEqual([relay.tables.rows.size, process.outbox.batches.length], [0, 3]);
  });

  it("the broker away: nothing is lost, and everything leaves when it is back", async () => {
    process.broker.cut();
    await process.commit(relay.messages(5));
    await relay.pass(60_000);
    assert.deepEqual([atBroker(), process.bus.unsent, relay.tables.rows.size], [[], 5, 5]);
    process.broker.mend();
    await relay.pass(100);
    assert.deepEqual([atBroker(), process.bus.unsent, relay.tables.rows.size], [[0, 1, 2, 3, 4], 0, 0]);
  });

  it("memory stays bounded while the broker is away; what it does not keep leaves the outbox afterwards", async () => {
    const keptMax = 2 * limits.unsentMax;
    process.broker.cut();
    await process.commit(relay.messages(keptMax + 700));
    assert.equal(process.bus.unsent, keptMax);
    process.broker.mend();
    await relay.pass(10_000);
    assert.deepEqual([new Set(atBroker()).size, atBroker().length], [keptMax + 700, keptMax + 700]);
    assert.deepEqual([process.bus.unsent, relay.tables.rows.size], [0, 0]);
  });

  it("nothing more is taken from the outbox while there is much to send", async () => {
    await process.outbox.add(relay.messages(30_000, { delayMs: 1 }).map((each) => process.bus.prepare(each)));
    process.broker.sending = () => new Promise(() => undefined);
    await relay.pass(5_000);
    assert.ok(process.bus.unsent >= limits.unsentMax, `${process.bus.unsent} taken`);
    assert.ok(process.bus.unsent < limits.unsentMax + 1_000, `${process.bus.unsent} taken`);
  });

  it("a delayed message is not sent before its time, and is then, by one process", async () => {
    const other = await relay.process();
    await process.bus.publish([relay.message(0, { delayMs: 10_000 })]);
    await relay.pass(9_900);
    assert.deepEqual(atBroker(), []);
    await relay.pass(1_000);
    assert.deepEqual([atBroker(), process.broker.tries.length + other.broker.tries.length], [[0], 1]);
  });

  it("what a dead process left in the outbox is sent by another; what a living one has is left to it", async () => {
    const other = await relay.process();
    process.broker.cut();
    await process.commit(relay.messages(3));
    await relay.pass(30_000);
    assert.deepEqual(atBroker(), []);
    process.die();
    await relay.pass(1_000);
    assert.deepEqual([atBroker(), other.broker.tries.length, relay.tables.rows.size], [[0, 1, 2], 3, 0]);
  });

  it("a commit whose outcome was lost on the way: its own row is found and sent once", async () => {
    await process.outbox.add([process.bus.prepare(relay.message(0))]);
    await relay.pass(10_000);
    assert.deepEqual([atBroker(), process.broker.tries.length, relay.tables.rows.size], [[0], 1, 0]);
  });

  it("a replay is looked for at once; a process that does not collect leaves it to others, and does not spin", async () => {
    const narrow = await relay.process(0);
    let looked = 0;
    narrow.outbox.takeDue = () => Promise.resolve((looked++, []));
    await narrow.bus.replay(queue);
    await relay.pass(1_000);
    assert.equal(looked, 0);
    process.outbox.takeDue = () => Promise.resolve((looked++, []));
    await process.bus.replay(queue);
    await settled();
    assert.equal(looked, 1);
  });
});
