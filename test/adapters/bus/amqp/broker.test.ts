/** What RabbitMQ answers when it does not do as it is told, and what this adapter makes of it. */
import assert from "node:assert/strict";
import { createAmqpBroker } from "../../../../adapters/bus/amqp/index.js";
import { systemClock, systemRandom } from "../../../../adapters/system/clock.js";
import type { Broker } from "../../../../engine/ports/broker.js";
import { silent } from "../../../../engine/ports/telemetry.js";
import { type AmqpWorld, amqpUrl, amqpWorld } from "../../../support/amqp-world.js";
import { publication, unique, until } from "../../../support/broker-inbox.js";
import { root } from "../../../support/checkout.js";
import { runProgram } from "../../../support/process.js";

describe("the broker on RabbitMQ", () => {
  let world: AmqpWorld;
  let broker: Broker;
  before(async () => {
    world = await amqpWorld();
    broker = await world.open();
  });
  after(() => world.close());

  const nameOf = (queue: string): string => `${world.namespace}.${queue}`;

  it("queues are quorum queues with a delivery limit of our own: the default of RabbitMQ 4 drops", async () => {
    const queue = unique("q");
    await broker.send(publication(queue));
    const declareAs = (args: Readonly<Record<string, unknown>>) =>
      world.aside(async (model) => {
        const channel = await model.createChannel();
        channel.on("error", () => undefined);
        await channel.assertQueue(nameOf(queue), { durable: true, arguments: args });
      });
    await declareAs({ "x-queue-type": "quorum", "x-delivery-limit": 2_147_483_647 });
    await assert.rejects(declareAs({ "x-queue-type": "quorum" }), /x-delivery-limit/);
    await assert.rejects(declareAs({ "x-queue-type": "classic", "x-delivery-limit": 2_147_483_647 }));
  });

  it("a queue that somebody declared otherwise is refused by name; the others go on, and it, too, when it is gone", async () => {
    const [queue, other] = [unique("q"), unique("other")];
    await world.aside(async (model) => {
      const channel = await model.createChannel();
      await channel.assertQueue(nameOf(queue), { durable: true });
    });
    await assert.rejects(broker.send(publication(queue)), (error: Error) => {
      assert.match(error.message, /^broker_unreachable: .*PRECONDITION_FAILED/);
      assert.ok(error.message.includes(nameOf(queue)));
      return true;
    });
    await until("the channel", () => broker.connected);
    await broker.send(publication(other));
    await world.control.deleteQueue(queue);
    await broker.send(publication(queue));
    assert.equal((await broker.depth(queue))?.ready, 1);
  });

  it("acknowledgements do not travel over the connection that a memory alarm blocks", async () => {
    await broker.send(publication(unique("q")));
    assert.equal(world.proxy.open, 2);
  });

  it("a wrong password: broker_unreachable, and neither password is in the message", async () => {
    const url = new URL(amqpUrl());
    const right = url.password;
    url.password = "guessed-wrong";
    const refused = createAmqpBroker({
      url: url.href,
      instance: "x",
      clock: systemClock,
      random: systemRandom,
      telemetry: silent,
    });
    await assert.rejects(refused.open(), (error: Error) => {
      assert.match(error.message, /^broker_unreachable: amqp:\/\/127\.0\.0\.1:\d+: .*ACCESS.REFUSED/);
      assert.ok(!error.message.includes(right) && !error.message.includes("guessed-wrong"));
      return true;
    });
  });

  it("a process that used it and closed it ends by itself", async () => {
    const program = `
      const { createAmqpBroker } = await import("${root}/dist/adapters/bus/amqp/index.js");
      const { systemClock: clock, systemRandom: random } = await import("${root}/dist/adapters/system/clock.js");
      const { silent: telemetry } = await import("${root}/dist/engine/ports/telemetry.js");
      const { publication } = await import("${root}/dist/test/support/broker-inbox.js");
      const broker = createAmqpBroker({ url: process.argv[1], namespace: process.argv[2], instance: "child", clock, random, telemetry });
      await broker.open();
      broker.onBroadcast("t", () => undefined);
      const taken = new Promise((resolve) => broker.subscribe(process.argv[3], 1, resolve));
      await broker.send(publication(process.argv[3]));
      (await taken).ack();
      await broker.close();
      console.log("closed");`;
    const queue = unique("child");
    const args = ["--input-type=module", "-e", program, amqpUrl(), world.namespace, queue];
    const { code, stdout, stderr } = await runProgram(process.execPath, args);
    assert.deepEqual([code, stdout], [0, "closed\n"], stderr);
    await world.control.deleteQueue(queue);
  });
});
