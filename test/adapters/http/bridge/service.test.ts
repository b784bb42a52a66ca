/** The bridge as a service: overload, probes, draining, closing, what every answer carries. */
import { strict as assert } from "node:assert";
import { connect } from "node:net";
import { limits } from "../../../../engine/limits.js";
import type { RunBody } from "../../../../engine/runtime/message.js";
import {
  demoOrder,
  startBridge,
  until,
  type Call,
  type Harness,
  type Reply,
} from "../../../support/bridge/harness.js";

const pay = (merchantOrderId: string): Call => ({
  path: "/v1/orders",
  body: { ...demoOrder, merchantOrderId },
});
const paid = (run: RunBody): { fields: Record<string, unknown> } => ({
  fields: { ...run.fields, orderStatus: "paid" },
});
const get = (path: string): Call => ({ path, authorization: "none" });

/** Sends orders that stay without a reply, and waits until they are in work. */
async function waiting(harness: Harness, count: number): Promise<readonly Promise<Reply>[]> {
  const pending = Array.from({ length: count }, (_, n) => harness.send(pay(`waiting-${n}`)));
  await until(() => harness.engine.published.length === count, "the runs start");
  return pending;
}

describe("overload", () => {
  it("more than inFlightMax requests: 503 overloaded with Retry-After, nothing accepted; room again afterwards", async () => {
    const harness = await startBridge({ settings: { inFlightMax: 2 } });
    try {
      const pending = await waiting(harness, 2);
      for (const call of [
        pay("one-more"),
        get("/channels/card/notify"),
        { path: "/v1/orders?merchantOrderId=A" },
      ]) {
        const reply = await harness.send({
          ...call,
          method: call.path.startsWith("/channels") ? "POST" : undefined,
        } as Call);
        assert.deepEqual(
          [reply.status, reply.body.code, reply.headers["retry-after"]],
          [503, "overloaded", "1"],
        );
      }
      assert.equal(harness.engine.units.length, 2);
      assert.equal((await harness.send(get("/healthz"))).status, 200);
      harness.clock.advance(3_000);
      for (const reply of await Promise.all(pending)) assert.equal(reply.status, 202);
      harness.engine.flow = paid;
      assert.equal((await harness.send(pay("after"))).status, 201);
    } finally {
      await harness.bridge.close();
    }
  });

  it("a broker that is away and has enough waiting for it: 503 overloaded, nothing accepted; reads go on", async () => {
    const harness = await startBridge();
    try {
      harness.engine.bus.unsent = limits.unsentMax;
      const refused = await harness.send(pay("no-room"));
      assert.deepEqual([refused.status, refused.body.code], [503, "overloaded"]);
      assert.equal(harness.engine.units.length, 0);
      assert.equal((await harness.send({ path: "/v1/orders?merchantOrderId=A" })).status, 404);
      harness.engine.bus.unsent = limits.unsentMax - 1;
      harness.engine.flow = paid;
      assert.equal((await harness.send(pay("room"))).status, 201);
    } finally {
      await harness.bridge.close();
    }
  });

  it("a client that hangs up makes no room before its commit has ended, and room then", async () => {
    const harness = await startBridge({ settings: { inFlightMax: 1 } });
    let release: () => void = () => undefined;
    harness.engine.beforeCommit = () => new Promise((resolve) => (release = resolve));
    try {
      const call = pay("hangs-up");
      const body = JSON.stringify(call.body);
      const { hostname, port } = new URL(harness.url);
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST /v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: ${harness.sign(call)}\r\n` +
          `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      await until(() => harness.clock.pending === 1, "the commit begins");
      socket.destroy();
      await until(
        () => harness.metrics.some((metric) => metric.includes("status=499")),
        "the hang-up is seen",
      );
      assert.equal((await harness.send(pay("early"))).body.code, "overloaded");
      harness.engine.beforeCommit = async () => undefined;
      harness.engine.flow = paid;
      release();
      await until(() => harness.clock.pending === 0, "the handler ends");
      assert.equal((await harness.send(pay("later"))).status, 201);
    } finally {
      await harness.bridge.close();
    }
  });
});

describe("draining", () => {
  it("refuses new work with 503 shutting_down and resolves when the last waiting reply is written", async () => {
    const harness = await startBridge();
    try {
      const [first, second] = await waiting(harness, 2);
      let drained = false;
      const drain = harness.bridge.drain().then(() => void (drained = true));
      const refused = await harness.send(pay("new"));
      assert.deepEqual(
        [refused.status, refused.body.code, refused.headers["retry-after"]],
        [503, "shutting_down", "1"],
      );
      assert.equal(harness.engine.units.length, 2);

      const [one, two] = harness.engine.published;
      assert.ok(one && two && first && second);
      harness.engine.reply(one, { fields: { orderStatus: "paid" } });
      await until(
        () => harness.metrics.some((metric) => metric.includes("status=201")),
        "one reply is written",
      );
      assert.equal(drained, false);
      harness.engine.reply(two, { fields: { orderStatus: "paid" } });
      await drain;
      assert.deepEqual([(await first).status, (await second).status], [201, 201]);
    } finally {
      await harness.bridge.close();
    }
  });

  it("keeps the probes: alive, not ready, and why", async () => {
    const harness = await startBridge();
    try {
      await harness.bridge.drain();
      assert.equal((await harness.send(get("/healthz"))).status, 200);
      const ready = await harness.send(get("/readyz"));
      assert.equal(ready.status, 503);
      assert.deepEqual(ready.body, { ready: false, why: "the bridge is stopping" });
    } finally {
      await harness.bridge.close();
    }
  });
});

describe("closing", () => {
  it("answers who still waits with 202, hears nothing more and leaves no timer", async () => {
    const harness = await startBridge();
    const [pending] = await waiting(harness, 1);
    assert.equal(harness.engine.listenersOf("reply.bridge-1"), 1);
    await harness.bridge.close();
    assert.equal((await pending)?.status, 202);
    assert.equal(harness.engine.listenersOf("reply.bridge-1"), 0);
    assert.equal(harness.clock.pending, 0);
    await assert.rejects(harness.send(get("/healthz")), /ECONNREFUSED/);
  });
});

describe("probes and what every answer carries", () => {
  let harness: Harness;
  before(
    async () =>
      void (harness = await startBridge({ ready: async () => ({ ready: false, why: "no definitions" }) })),
  );
  after(() => harness.bridge.close());

  it("/readyz says why not", async () => {
    const reply = await harness.send(get("/readyz"));
    assert.equal(reply.status, 503);
    assert.deepEqual(reply.body, { ready: false, why: "no definitions" });
  });

  it("/metrics is Prometheus text", async () => {
    const reply = await harness.send(get("/metrics"));
    assert.deepEqual([reply.status, reply.text], [200, "valence_up 1\n"]);
    assert.match(String(reply.headers["content-type"]), /^text\/plain; version=0\.0\.4/);
  });

  it("HEAD is GET without a body", async () => {
    const reply = await harness.send({ ...get("/healthz"), method: "HEAD" });
    assert.deepEqual([reply.status, reply.text], [200, ""]);
  });

  for (const path of [
    "/healthz",
    "/nowhere",
    "/v1/orders",
    "/docs",
    "/openapi.json",
    "/v1/transactions/%zz",
  ]) {
    it(`${path} has the security headers`, async () => {
      const { headers } = await harness.send(get(path));
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["cache-control"], "no-store");
      assert.equal(headers["referrer-policy"], "no-referrer");
      assert.equal(headers["x-frame-options"], "DENY");
      assert.match(String(headers["content-security-policy"]), /^default-src 'none'/);
      assert.equal(headers["x-powered-by"], undefined);
    });
  }

  it("what is no HTTP gets a plain 400, and the server goes on", async () => {
    const { hostname, port } = new URL(harness.url);
    const socket = connect(Number(port), hostname);
    socket.write("nonsense\r\n\r\n");
    let answer = "";
    for await (const chunk of socket) answer += String(chunk);
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.equal((await harness.send(get("/healthz"))).status, 200);
  });

  it("metrics carry the pattern of a path, never the path", async () => {
    harness.metrics.length = 0;
    await harness.send(get("/v1/orders/4711"));
    await harness.send(get("/wp-login.php"));
    await until(() => harness.metrics.length === 4, "both are counted");
    assert.deepEqual(
      harness.metrics.filter((metric) => metric.startsWith("valence_requests_total")),
      [
        "valence_requests_total{route=/v1/orders/:orderId,status=401}",
        "valence_requests_total{route=none,status=404}",
      ],
    );
  });
});
