/** What a client may do with a connection: on real sockets, against the server every product server is made of. */
import { strict as assert } from "node:assert";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { json } from "../../../adapters/http/answer.js";
import { createServer, resource } from "../../../adapters/http/server.js";
import type { SocketLimits } from "../../../adapters/http/sockets.js";
import type { Telemetry } from "../../../engine/ports/index.js";
import { until } from "../../support/bridge/harness.js";
import { ManualClock } from "../../support/bridge/manualClock.js";
import { assertProblem, RawConnection } from "../../support/raw-http.js";

const limits: SocketLimits = { connectionsMax: 100, arrivalMsMax: 30_000, stillMsMax: 60_000 };

interface Served {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly clock: ManualClock;
  readonly metrics: readonly string[];
  /** Requests whose handler may answer. */
  readonly held: (() => void)[];
  begun: number;
  ended: number;
  connections(): Promise<number>;
}

async function serve(sockets: Partial<SocketLimits> = {}): Promise<Served> {
  const clock = new ManualClock(0);
  const metrics: string[] = [];
  const record = (name: string, labels: Readonly<Record<string, string>>): void =>
    void metrics.push([name, ...Object.values(labels)].join(" "));
  const telemetry: Telemetry = {
    log: () => undefined,
    count: record,
    observe: () => undefined,
    gauge: record,
  };
  const counts = { begun: 0, ended: 0 };
  const progress = { begin: () => (counts.begun++, () => void counts.ended++) };
  const app = createServer({
    ...{ clock, telemetry, progress, bodyBytesMax: 1_000 },
    sockets: { ...limits, ...sockets },
  });
  const held: (() => void)[] = [];
  resource(app, "/", { GET: () => json(200, "hello"), POST: () => json(200, "taken") });
  resource(app, "/held", { POST: () => new Promise((go) => void held.push(() => go(json(200, "at last")))) });
  resource(app, "/large", { GET: () => json(200, "x".repeat(1_000_000)) });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) =>
      app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  return Object.assign(counts, { app, url, clock, metrics, held, connections });
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;
const post = (path: string, body = "{}", head = ""): string =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${head}content-length: ${body.length}\r\n\r\n${body}`;
const closing = (request: string): string => request.replace("host: x", "host: x\r\nconnection: close");

describe("connections", () => {
  let server: Served;
  const start = async (sockets: Partial<SocketLimits> = {}): Promise<void> =>
    void (server = await serve(sockets));
  afterEach(() => server.app.close());

  // what is sent                                status and code of the answer
  const unreadable: readonly (readonly [string, string, number, string])[] = [
    ["nonsense", "nonsense\r\n\r\n", 400, "request_malformed"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00", 400, "request_malformed"],
    ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "request_malformed"],
    ["a header that is none", "GET / HTTP/1.1\r\nhost: x\r\nno header\r\n\r\n", 400, "request_malformed"],
    ["NUL in a header", "GET / HTTP/1.1\r\nhost: x\r\na: \0\r\n\r\n", 400, "request_malformed"],
    ["a folded header", "GET / HTTP/1.1\r\nhost: x\r\na: b\r\n c\r\n\r\n", 400, "request_malformed"],
    ["a space before the colon", "GET / HTTP/1.1\r\nhost : x\r\n\r\n", 400, "request_malformed"],
    [
      "a length and chunks",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
      "request_malformed",
    ],
    ["two lengths", closing(post("/", "{}", "content-length: 5\r\n")), 400, "request_malformed"],
    [
      "a chunk of no size",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: a/b\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
      400,
      "request_malformed",
    ],
    [
      "20 KiB of headers",
      `GET / HTTP/1.1\r\nhost: x\r\na: ${"x".repeat(20_480)}\r\n\r\n`,
      431,
      "headers_too_large",
    ],
    ["no Host", "GET / HTTP/1.1\r\nconnection: close\r\n\r\n", 400, "request_malformed"],
    ["two Hosts", closing(get("/").replace("host: x", "host: x\r\nHost: y")), 400, "request_malformed"],
  ];
  for (const [what, bytes, status, code] of unreadable) {
    it(`${what}: ${status} ${code}, as a problem, and the connection is closed`, async () => {
      await start();
      const connection = new RawConnection(server.url);
      await connection.write(Buffer.from(bytes, "latin1"));
      await connection.closed;
      const [answer, more] = connection.answers;
      assert.ok(answer && !more);
      assertProblem(answer);
      assert.deepEqual([answer.status, (JSON.parse(answer.body) as { code: string }).code], [status, code]);
      assert.ok(
        server.metrics.includes(`valence_requests_total none ${status}`) || code === "request_malformed",
      );
    });
  }

  // what is sent, and answered 200
  const readable: readonly (readonly [string, string])[] = [
    ["HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n"],
    ["an absolute target", closing(get("http://elsewhere/"))],
    ["an expectation nobody knows", closing(post("/", "{}", "expect: miracles\r\n"))],
    ["an upgrade nobody offers", closing(get("/").replace("host", "upgrade: websocket\r\nhost"))],
  ];
  for (const [what, bytes] of readable) {
    it(`${what}: 200`, async () => {
      await start();
      const connection = new RawConnection(server.url);
      await connection.write(bytes);
      await connection.closed;
      assert.deepEqual(
        connection.answers.map(({ status }) => status),
        [200],
      );
    });
  }

  it("CONNECT: closed", async () => {
    await start();
    const connection = new RawConnection(server.url);
    await connection.write("CONNECT bank:443 HTTP/1.1\r\nhost: bank\r\n\r\n");
    await connection.closed;
    assert.deepEqual(connection.answers, []);
  });

  it("a sender of nonsense that keeps its side open loses the connection all the same", async () => {
    await start();
    const connection = new RawConnection(server.url, { halfOpen: true });
    await connection.write("nonsense\r\n\r\n");
    await connection.ended;
    assert.equal(await server.connections(), 1);
    server.clock.advance(2_000);
    let open = 1;
    await until(
      () => (void server.connections().then((count) => (open = count)), open === 0),
      "it is closed",
    );
    assert.equal(server.clock.pending, 0);
    connection.socket.destroy();
  });

  it("a sender of a megabyte of headers gets to read why they are refused", async () => {
    await start();
    const connection = new RawConnection(server.url);
    void connection.write(`GET / HTTP/1.1\r\nhost: x\r\n${"a: b\r\n".repeat(170_000)}\r\n`);
    await connection.ended;
    assert.deepEqual(
      connection.answers.map(({ status }) => status),
      [431],
    );
    connection.socket.destroy();
  });

  it("nonsense behind a request that waits for its answer is not answered: it would be taken for that answer", async () => {
    await start();
    const connection = new RawConnection(server.url);
    await connection.write(post("/held"));
    await until(() => server.held.length === 1, "the handler runs");
    await connection.write("nonsense\r\n\r\n");
    await connection.closed;
    assert.deepEqual(connection.received, Buffer.alloc(0));
  });

  it("pipelined requests whose client leaves all end, also those whose turn never came", async () => {
    await start();
    const connection = new RawConnection(server.url);
    await connection.write(post("/held").repeat(5));
    await until(() => server.held.length === 5, "the handlers run");
    connection.socket.destroy();
    await until(() => server.metrics.filter((line) => line.endsWith(" 499")).length === 5, "all are counted");
    assert.deepEqual([server.begun, server.ended], [5, 5]);
    for (const go of server.held) go();
  });

  it("one more than connectionsMax is closed as it comes, and counted; when one leaves there is room", async () => {
    await start({ connectionsMax: 2 });
    const [first, second] = [new RawConnection(server.url), new RawConnection(server.url)];
    await first.write(get("/"));
    await second.write(get("/"));
    await until(() => first.answers.length + second.answers.length === 2, "both are served");
    const third = new RawConnection(server.url);
    await third.closed;
    assert.deepEqual(third.received, Buffer.alloc(0));
    assert.ok(server.metrics.includes("valence_connections_refused_total"));
    first.socket.destroy();
    await first.closed;
    let open = 2;
    await until(() => (void server.connections().then((count) => (open = count)), open === 1), "it is gone");
    const fourth = new RawConnection(server.url);
    await fourth.write(closing(get("/")));
    await fourth.closed;
    assert.equal(fourth.answers[0]?.status, 200);
    second.socket.destroy();
  });

  it("a request that does not arrive in time: 408 request_slow, or closed when nothing came", async () => {
    await start({ arrivalMsMax: 1_000 });
    const head = post("/", "{}").slice(0, -4);
    const slow = {
      silent: new RawConnection(server.url),
      headers: new RawConnection(server.url),
      body: new RawConnection(server.url),
      second: new RawConnection(server.url),
    };
    await slow.headers.write(head);
    await slow.body.write(post("/").slice(0, -1));
    await slow.second.write(`${get("/")}GET / HT`);
    await Promise.all(Object.values(slow).map(({ closed }) => closed));
    const statuses = Object.entries(slow).map(([what, { answers }]) => [
      what,
      ...answers.map(({ status }) => status),
    ]);
    assert.deepEqual(statuses, [
      ["silent", 408],
      ["headers", 408],
      ["body", 408],
      ["second", 200, 408],
    ]);
    for (const { answers } of Object.values(slow)) assertProblem(answers.at(-1)!);
    assert.equal(server.begun, server.ended);
  });

  it("a client that never takes its answers loses the connection, and what it held is free", async () => {
    await start({ stillMsMax: 1_000 });
    const connection = new RawConnection(server.url);
    connection.socket.pause();
    await connection.write(get("/large").repeat(40));
    await until(() => server.begun > 0, "the first is worked on");
    let open = 1;
    for (let n = 0; n < 100 && open > 0; n++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      open = await server.connections();
    }
    assert.equal(open, 0);
    await until(() => server.ended === server.begun, "what it held is free");
    connection.socket.destroy();
  });
});
