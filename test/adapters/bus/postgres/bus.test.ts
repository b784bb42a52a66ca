/** What this bus promises beyond the port: leases, permits and what strangers may do to its database. */
import assert from "node:assert/strict";
import { systemClock } from "../../../../adapters/system/clock.js";
import { limits } from "../../../../engine/limits.js";
import type { Clock } from "../../../../engine/ports/clock.js";
import type { LogEvent } from "../../../../engine/ports/telemetry.js";
import { silent } from "../../../../engine/ports/telemetry.js";
import { id, inbox, insert, message, orderRow, pause, unique, until } from "../../../contract/world.js";
import { freshDatabase, onServer } from "../../../support/postgres.js";
import { openProcess, postgresWorld } from "../../../support/postgres-world.js";

describe("the bus on PostgreSQL", () => {
  let world: Awaited<ReturnType<typeof postgresWorld>>;
  before(async () => {
    world = await postgresWorld(freshDatabase);
  });
  after(() => world.drop());

  it("a slow handler keeps its message: its lease is renewed long before it ends", async () => {
    // A hundred times as fast: renewals come every 67 ms instead of every 6.7 s.
    const fast: Clock = {
      ...systemClock,
      after: (delayMs, callback) => systemClock.after(delayMs / 100, callback),
    };
    const process = await world.open({ clock: fast });
    const queue = unique("q");
    const box = inbox(process.bus, queue);
    await process.bus.publish([message(queue)]);
    const [held] = await box.next();
    for (let round = 0; round < 3; round++) {
      await process.tamper.visibleIn(held!.messageId, 5_000);
      await until("the lease is renewed", async () => {
        return (await process.tamper.visibleInMs(held!.messageId))! > limits.leaseMs - 2_000;
      });
    }
    assert.equal(box.deliveries.length, 1);
    await box.stop();
    await pause(150);
    assert.ok(
      (await process.tamper.visibleInMs(held!.messageId))! <= 0,
      "what was handed back is not renewed",
    );
    await process.close();
  });

  it("an idle process finds by itself what nobody woke it for", async () => {
    const process = await world.open({ pollIdleMs: 20 });
    const queue = unique("q");
    const box = inbox(process.bus, queue);
    await pause(30);
    await onServer(world.database.url, (client) =>
      client.query(
        "insert into bus.messages (message_id, queue, type, body, visible_at) values ($1, $2, 'run', '{}', now())",
        [id(), queue],
      ),
    );
    await box.next();
    await box.stop();
  });

  it("a commit that fails gives the permits back that it had taken", async () => {
    const process = await world.open();
    const queue = unique("q");
    const box = inbox(process.bus, queue, 2);
    const claimed = (): ReturnType<typeof message>[] => [message(queue, { claim: true })];
    const bad = insert("orders", orderRow({ amount: 0 }));
    const unknown = { kind: "insert" as const, table: "nowhere", row: {}, exists: "keep" as const };
    for (let n = 0; n < 3; n++) {
      await assert.rejects(process.store.commit({ writes: [bad], publish: claimed() }));
      await assert.rejects(process.store.commit({ writes: [unknown], publish: claimed() }));
      const held = { messageId: id(), queue, token: id() };
      const refused = { message: { held, consume: true }, writes: [], publish: claimed() };
      assert.deepEqual(await process.store.commit(refused), { result: "leaseLost" });
    }
    assert.equal(box.deliveries.length, 0);
    await process.store.commit({ writes: [], publish: [...claimed(), ...claimed()] });
    await box.next(2);
    await box.stop();
  });

  it("a message that comes already claimed is this process's own; the token settles it", async () => {
    const process = await world.open();
    const other = await world.open({ pollIdleMs: 10 });
    const queue = unique("q");
    const here = inbox(process.bus, queue, 1);
    const elsewhere = inbox(other.bus, queue, 0);
    await process.store.commit({ writes: [], publish: [message(queue, { claim: true })] });
    const [held] = await here.next();
    assert.equal(held?.deliveryCount, 1);
    assert.ok((await process.tamper.visibleInMs(held!.messageId))! > limits.leaseMs - 2_000);
    const done = { message: { held: held!, consume: true }, writes: [], publish: [] };
    assert.deepEqual(await process.store.commit(done), { result: "committed" });
    await Promise.all([here.stop(), elsewhere.stop()]);
  });

  it("what strangers notify is not heard, and stops nobody", async () => {
    const events: LogEvent[] = [];
    const telemetry = { ...silent, log: (_: unknown, event: LogEvent) => void events.push(event) };
    const process = await openProcess(world.database, { telemetry });
    const heard: unknown[] = [];
    process.bus.onBroadcast("t", (payload) => heard.push(payload));
    await onServer(world.database.url, async (client) => {
      for (const text of ["", "{", "null", "[]", '{"from":1}', '{"from":"x","said":{}}'])
        await client.query("select pg_notify('valence', $1)", [text]);
      for (const said of [[null], [1], [{}], [{ chunked: 1 }], [{ chunked: 1, n: 0, of: 1, part: "?" }]])
        await client.query("select pg_notify('valence', $1)", [JSON.stringify({ from: "x", said })]);
      const sound = { from: "x", said: [{ topic: "t", payload: 1 }] };
      await client.query("select pg_notify('valence', $1)", [JSON.stringify(sound)]);
    });
    await until("the sound one", () => heard.length === 1);
    assert.ok(events.length >= 6 && events.every(({ event }) => event === "broadcast.malformed"));
    await process.close();
  });

  it("a closed bus leaves nothing claimed", async () => {
    const queue = unique("q");
    const process = await openProcess(world.database);
    const watcher = await world.open();
    const box = inbox(process.bus, queue, 5);
    await watcher.bus.publish(Array.from({ length: 5 }, () => message(queue)));
    const stopped = box.stop(0);
    await stopped;
    await process.close();
    const depth = (await watcher.bus.depths()).find((one) => one.queue === queue);
    assert.deepEqual([depth?.ready, depth?.leased], [5, 0]);
  });
});
