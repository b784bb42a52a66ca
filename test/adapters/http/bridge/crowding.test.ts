/** Clients that send slowly, leave early or never listen take nothing from those who behave. */
import { strict as assert } from "node:assert";
import type { RunBody } from "../../../../engine/runtime/message.js";
import { demoOrder, startBridge, until, type Call, type Harness } from "../../../support/bridge/harness.js";
import { RawConnection } from "../../../support/raw-http.js";

const pay = (merchantOrderId: string): Call => ({
  path: "/v1/orders",
  body: { ...demoOrder, merchantOrderId },
});
const paid = (run: RunBody): { fields: Record<string, unknown> } => ({
  fields: { ...run.fields, orderStatus: "paid" },
});

/** A signed order as bytes. */
function bytesOf(harness: Harness, call: Call): string {
  const body = JSON.stringify(call.body);
  return (
    `POST ${call.path} HTTP/1.1\r\nhost: x\r\nauthorization: ${harness.sign(call)}\r\n` +
    `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  );
}

describe("room in the bridge", () => {
  let harness: Harness;
  const start = async (inFlightMax: number): Promise<void> =>
    void (harness = await startBridge({ settings: { inFlightMax } }));
  afterEach(() => harness.bridge.close());

  it("is not taken by requests whose body is still arriving, from whoever", async () => {
    await start(1);
    const slow = Array.from({ length: 5 }, () => new RawConnection(harness.url));
    const order = pay("slow");
    for (const connection of slow) await connection.write(bytesOf(harness, order).slice(0, -1));
    harness.engine.flow = paid;
    assert.equal((await harness.send(pay("quick"))).status, 201);
    await slow[0]!.write("}");
    await until(() => slow[0]!.received.length > 0, "the slow one is served when it is there");
    assert.deepEqual(
      slow[0]!.answers.map(({ status }) => status),
      [201],
    );
    for (const { socket } of slow) socket.destroy();
  });

  it("is free again after a client that pipelined orders has left, whichever of them was its turn", async () => {
    await start(5);
    const connection = new RawConnection(harness.url);
    const orders = Array.from({ length: 5 }, (_, n) => bytesOf(harness, pay(`left-${n}`)));
    await connection.write(orders.join(""));
    await until(() => harness.engine.published.length === 5, "the runs start");
    assert.equal((await harness.send(pay("no-room"))).body.code, "overloaded");
    connection.socket.destroy();
    await until(
      () => harness.metrics.filter((line) => line.includes("status=499")).length === 5,
      "all have left",
    );
    harness.engine.flow = paid;
    harness.clock.advance(3_000);
    await until(() => harness.clock.pending === 0, "the handlers end");
    assert.equal((await harness.send(pay("room"))).status, 201);
  });

  it("a bridge that stops does not wait for a body that is still arriving, and does not take it", async () => {
    await start(5);
    const connection = new RawConnection(harness.url);
    await connection.write(bytesOf(harness, pay("late")).slice(0, -1));
    await until(() => connection.socket.bytesWritten > 0, "it is sent");
    await harness.bridge.drain();
    await connection.write("}");
    await until(() => connection.received.length > 0, "it is answered");
    assert.deepEqual(
      connection.answers.map(({ status }) => status),
      [503],
    );
    assert.deepEqual(harness.engine.units, []);
    connection.socket.destroy();
  });
});
