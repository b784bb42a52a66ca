import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { paths } from "../../../../adapters/channels/simulator/dialect.js";
import {
  atEnd,
  driver,
  listen,
  order,
  patience,
  postFault,
  requests,
  secret,
  signatureHeaders,
  simulator,
  stopAll,
  until,
} from "./support.js";

const payment = order();
const genuine = {
  code: "APPROVED",
  message: "ok",
  paymentId: payment.paymentId,
  channelOrderId: "SIM1",
  amount: payment.amountMinor,
  currency: payment.currency,
};

interface Said {
  readonly status?: number;
  readonly body?: string;
  readonly path?: string;
  readonly direction?: "request" | "response";
  readonly secret?: string;
  readonly atMs?: number;
}
const json = (some: Record<string, unknown>): Said => ({ body: JSON.stringify({ ...genuine, ...some }) });

/** An institution that says just this, signed as told. */
async function institution(said: Said): Promise<string> {
  const body = Buffer.from(said.body ?? JSON.stringify(genuine));
  return listen(
    createHttpServer((request, response) => {
      const key = said.secret ?? secret;
      const path = said.path ?? request.url!;
      request.resume();
      response.writeHead(
        said.status ?? 200,
        signatureHeaders(key, said.direction ?? "response", path, body, said.atMs ?? Date.now()),
      );
      response.end(body);
    }),
  );
}

const answers: [what: string, said: Said, charge: string, inquiry: string][] = [
  ["a genuine approval", {}, "approved", "approved"],
  ["an explicit decline", json({ code: "DECLINED" }), "declined", "declined"],
  ["a closed payment", json({ code: "CLOSED" }), "declined", "declined"],
  [
    "a request refused as invalid",
    { ...json({ code: "INVALID_REQUEST" }), status: 400 },
    "declined",
    "unknown",
  ],
  ["a payer who has to act", json({ code: "WAITING_PAYER" }), "pending", "pending"],
  ["no such payment", json({ code: "NOT_FOUND" }), "unknown", "absent"],
  ["a code never seen", json({ code: "MAYBE" }), "unknown", "unknown"],
  ["a code named like a method of objects", json({ code: "constructor" }), "unknown", "unknown"],
  ["no code", json({ code: undefined }), "unknown", "unknown"],
  ["another payment", json({ paymentId: "other" }), "unknown", "unknown"],
  [
    "another payment refused",
    { ...json({ code: "INVALID_REQUEST", paymentId: "other" }), status: 400 },
    "unknown",
    "unknown",
  ],
  ["another amount", json({ amount: 1 }), "unknown", "unknown"],
  ["another currency", json({ currency: "USD" }), "unknown", "unknown"],
  ["a wrong secret", { secret: "not ours" }, "unknown", "unknown"],
  ["an answer signed for another operation", { path: paths.refund }, "unknown", "unknown"],
  ["an answer signed as a request", { direction: "request" }, "unknown", "unknown"],
  ["an old answer", { atMs: Date.now() - 301_000 }, "unknown", "unknown"],
  ["a signed approval with status 500", { status: 500 }, "unknown", "unknown"],
  ["signed text that is not JSON", { body: "APPROVED" }, "unknown", "unknown"],
  ["signed JSON that is no object", { body: "[]" }, "unknown", "unknown"],
  ["an answer without end", { body: "x".repeat(70_000) }, "unknown", "unknown"],
];

describe("the driver of the simulated institution", () => {
  afterEach(stopAll);

  for (const [what, said, charge, inquiry] of answers)
    it(`${what}: a charge is ${charge}, an inquiry ${inquiry}`, async () => {
      const channel = driver(await institution(said));
      assert.equal((await channel.charge(payment, patience())).result, charge);
      assert.equal((await channel.inquire(payment, patience())).result, inquiry);
    });

  it("nobody listens: a charge is notSent, an inquiry has learned nothing", async () => {
    const channel = driver(await closedPort());
    assert.equal((await channel.charge(payment, patience())).result, "notSent");
    assert.equal((await channel.inquire(payment, patience())).result, "unknown");
  });

  it("aborted before the call: notSent, and nobody was called", async () => {
    const sim = await simulator();
    assert.equal((await driver(sim.url).charge(payment, AbortSignal.abort())).result, "notSent");
    assert.deepEqual(await requests(sim), []);
  });

  it("aborted while waiting for a connection: notSent, and not sent later either", async () => {
    const sim = await simulator();
    const channel = driver(sim.url, { connections: 1, callTimeoutMs: 300 });
    await postFault(sim, { kind: "hang", match: { paymentId: payment.paymentId } });
    const hung = channel.charge(payment, patience());
    await until(
      () => requests(sim),
      (list) => list.length === 1,
    );
    const abort = new AbortController();
    const [aborted, late] = [order(), order()];
    const waiting = [channel.charge(aborted, abort.signal), driver(sim.url).charge(late, patience())];
    abort.abort();
    assert.equal((await waiting[0]!).result, "notSent");
    assert.equal((await waiting[1]!).result, "approved");
    assert.equal((await hung).result, "unknown");

    // The connection is free again: whoever gave up must not be sent now.
    const next = order();
    assert.equal((await channel.charge(next, patience())).result, "approved");
    const sent = (await requests(sim)).map((request) => request.paymentId);
    assert.deepEqual(sent, [payment.paymentId, late.paymentId, next.paymentId]);
  });

  it("aborted after it was sent: unknown", async () => {
    const sim = await simulator();
    await postFault(sim, { kind: "hang" });
    const abort = new AbortController();
    const charge = driver(sim.url).charge(payment, abort.signal);
    await until(
      () => requests(sim),
      (list) => list.length === 1,
    );
    abort.abort();
    assert.equal((await charge).result, "unknown");
  });

  it("a TCP connection that is accepted and never answered: unknown after the call timeout", async () => {
    const { url, connections } = await tcpServer(() => undefined);
    assert.equal((await driver(url, { callTimeoutMs: 200 }).charge(payment, patience())).result, "unknown");
    assert.equal(connections(), 1);
  });

  it("a connection lost as the request arrives: unknown, and nothing is sent again", async () => {
    let requestsSeen = 0;
    const { url, connections } = await tcpServer((socket) =>
      socket.on("data", () => {
        requestsSeen += 1;
        socket.destroy();
      }),
    );
    assert.equal((await driver(url).charge(payment, patience())).result, "unknown");
    assert.deepEqual([requestsSeen, connections()], [1, 1]);
  });

  it("an idle connection that the institution closes as we write: unknown, and nothing is sent again", async () => {
    let requestsSeen = 0;
    const body = Buffer.from(JSON.stringify(genuine));
    const url = await listen(
      createHttpServer((request, response) => {
        requestsSeen += 1;
        request.resume();
        // Speaks keep-alive, then drops the second request of the connection.
        if (requestsSeen === 2) return void request.socket.destroy();
        response.writeHead(200, signatureHeaders(secret, "response", request.url!, body, Date.now()));
        response.end(body);
      }),
    );
    const channel = driver(url, { connections: 1 });
    assert.equal((await channel.charge(payment, patience())).result, "approved");
    assert.equal((await channel.charge(payment, patience())).result, "unknown");
    assert.equal(requestsSeen, 2);
  });

  it("a closed driver sends nothing", async () => {
    const sim = await simulator();
    const channel = driver(sim.url);
    await channel.dispose();
    assert.equal((await channel.charge(payment, patience())).result, "notSent");
    assert.deepEqual(await requests(sim), []);
  });

  it("a QR payment comes with what the payer has to scan", async () => {
    const sim = await simulator({ payerDelayMs: 60_000 });
    const answer = await driver(sim.url).charge(order({ method: "qr" }), patience());
    assert.equal(answer.result, "pending");
    assert.equal(answer.action?.kind, "qr");
    assert.match(answer.action?.content ?? "", /SIM/);
  });

  it("the evidence names the exchange and holds no secret, subject, signature or return address", async () => {
    const sim = await simulator();
    const asked = order({ subject: "Private matter", returnUrl: "https://shop.example/back?token=t0ken" });
    const { evidence } = await driver(sim.url).charge(asked, patience());
    assert.equal((evidence["response"] as Record<string, unknown>)["code"], "APPROVED");
    assert.equal((evidence["request"] as Record<string, unknown>)["paymentId"], asked.paymentId);
    assert.doesNotMatch(JSON.stringify(evidence), /Private matter|t0ken|signature|secret/);
  });

  it("the manifest carries the configured timeouts", () => {
    const { manifest } = driver("http://127.0.0.1:1", { callTimeoutMs: 700 });
    assert.deepEqual([manifest.channel, manifest.callTimeoutMs, manifest.graceMs], ["simulator", 700, 3000]);
  });
});

async function tcpServer(
  onConnection: (socket: import("node:net").Socket) => void,
): Promise<{ url: string; connections: () => number }> {
  let count = 0;
  const sockets = new Set<import("node:net").Socket>();
  const server = createServer((socket) => {
    count += 1;
    sockets.add(socket.on("error", () => undefined));
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => count };
}

/** A port that was free a moment ago. */
async function closedPort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
