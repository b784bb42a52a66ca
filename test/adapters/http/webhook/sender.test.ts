import assert from "node:assert/strict";
import type { LookupAddress } from "node:dns";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import type { WebhookRequest } from "../../../../engine/ports/delivery.js";
import {
  createWebhookSender,
  type Lookup,
  type WebhookSenderOptions,
} from "../../../../adapters/http/webhook/sender.js";
import { atEnd, listen, patience, stopAll } from "../../channels/simulator/support.js";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const notification = (url: string, some: Partial<WebhookRequest> = {}): WebhookRequest => ({
  webhookId: "msg_1",
  url,
  secret,
  timestampS: Math.floor(Date.now() / 1000),
  body: '{"type":"order.paid","data":{"orderId":"o-1","subject":"咖啡"}}',
  ...some,
});

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly body: string;
}

async function merchant(
  answer: RequestListener,
): Promise<{ url: string; port: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, path: request.url!, body: Buffer.concat(chunks).toString() });
      answer(request, response);
    });
  });
  const url = await listen(server);
  return { url, port: new URL(url).port, received };
}

const accepting: RequestListener = (_, response) => void response.end("success");

function sender(options: WebhookSenderOptions = { allowLoopback: true }) {
  const made = createWebhookSender(options);
  atEnd(() => made.close());
  return made;
}

const resolvesTo =
  (...addresses: string[]): Lookup =>
  (_, options, callback) => {
    const found: LookupAddress[] = addresses.map((address) => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }));
    if (options.all) callback(null, found);
    else callback(null, found[0]!.address, found[0]!.family);
  };

describe("the sender of notifications", () => {
  afterEach(stopAll);

  it("is believed by the Standard Webhooks library, byte for byte, and only untouched", async () => {
    const { url, received } = await merchant(accepting);
    const request = notification(`${url}/notify?shop=1`);
    assert.deepEqual(await sender().send(request, patience()), { status: 200, detail: "success" });
    const [{ headers, body, path }] = received as [Received];
    assert.deepEqual(
      [path, body, headers["content-type"]],
      ["/notify?shop=1", request.body, "application/json"],
    );
    const webhook = new Webhook(secret);
    const texts = headers as Record<string, string>;
    assert.deepEqual(webhook.verify(body, texts), JSON.parse(request.body));
    assert.throws(() => webhook.verify(`${body} `, texts), WebhookVerificationError);
    assert.throws(() => webhook.verify(body, { ...texts, "webhook-id": "msg_2" }), WebhookVerificationError);
    assert.throws(() => new Webhook("whsec_AAAA").verify(body, texts), WebhookVerificationError);
  });

  it("signs the published example of the standard as published", async () => {
    const { url, received } = await merchant(accepting);
    const example = {
      webhookId: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestampS: 1614265330,
      body: '{"test": 2432232314}',
    };
    await sender().send(notification(url, example), patience());
    assert.equal(
      received[0]!.headers["webhook-signature"],
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
  });

  const statuses: [status: number, detail: string][] = [
    [204, ""],
    [400, "no"],
    [500, "broken"],
  ];
  for (const [status, detail] of statuses)
    it(`answers ${status} as it came`, async () => {
      const { url, received } = await merchant((_, response) => void response.writeHead(status).end(detail));
      assert.deepEqual(await sender().send(notification(url), patience()), { status, detail });
      assert.equal(received.length, 1);
    });

  it("follows no redirect", async () => {
    const target = await merchant(accepting);
    const { url } = await merchant(
      (_, response) => void response.writeHead(307, { location: target.url }).end(),
    );
    assert.equal((await sender().send(notification(url), patience())).status, 307);
    assert.equal(target.received.length, 0);
  });

  it("keeps the status and the first bytes of an answer without end", async () => {
    const { url } = await merchant((_, response) => {
      const pour = (): void =>
        void (response.destroyed || response.write("x".repeat(4096), () => setImmediate(pour)));
      pour();
    });
    assert.deepEqual(await sender().send(notification(url), patience()), {
      status: 200,
      detail: "x".repeat(512),
    });
  });

  it("keeps the status of an answer whose body breaks off", async () => {
    const { url } = await merchant((_, response) => {
      response.writeHead(200, { "content-length": "100" }).write("succ");
      setTimeout(() => response.destroy(), 50);
    });
    assert.equal((await sender().send(notification(url), patience())).status, 200);
  });

  it("a merchant who hangs, drops the line or is away is status 0, once", async () => {
    const hangs = await merchant(() => undefined);
    const drops = await merchant((request) => void request.socket.destroy());
    const timed = await sender().send(notification(hangs.url), AbortSignal.timeout(100));
    const bounded = await sender({ allowLoopback: true, timeoutMs: 100 }).send(
      notification(hangs.url),
      patience(),
    );
    const dropped = await sender().send(notification(drops.url), patience());
    const away = await sender().send(notification("http://127.0.0.1:1/"), patience());
    assert.deepEqual(
      [timed, bounded, dropped, away].map(({ status }) => status),
      [0, 0, 0, 0],
    );
    assert.deepEqual([hangs.received.length, drops.received.length], [2, 1]);
  });

  it("a secret that cannot be used is status 0 and is not told", async () => {
    const { url, received } = await merchant(accepting);
    for (const bad of ["", "whsec_", "whsec_?not base64?"]) {
      const answer = await sender().send(notification(url, { secret: bad }), patience());
      assert.equal(answer.status, 0);
      assert.doesNotMatch(answer.detail, /not base64/);
    }
    assert.equal(received.length, 0);
  });

  describe("refuses, without a connection,", () => {
    const cases: [what: string, host: string, options: WebhookSenderOptions][] = [
      ["a literal loopback address", "127.0.0.1", {}],
      ["a loopback address in IPv6 clothes", "[::ffff:127.0.0.1]", {}],
      ["localhost", "localhost", {}],
      ["a name that resolves to loopback", "shop.example", { lookup: resolvesTo("127.0.0.1") }],
      ["a name that resolves to mapped loopback", "shop.example", { lookup: resolvesTo("::ffff:127.0.0.1") }],
      [
        "a name with one private address among public ones",
        "shop.example",
        { lookup: resolvesTo("1.1.1.1", "10.0.0.1") },
      ],
      [
        "a private address where loopback is allowed",
        "shop.example",
        { allowLoopback: true, lookup: resolvesTo("10.0.0.1") },
      ],
      [
        "metadata where loopback is allowed",
        "shop.example",
        { allowLoopback: true, lookup: resolvesTo("169.254.169.254") },
      ],
      ["a name that resolves to nothing", "shop.example", { lookup: resolvesTo() }],
    ];
    for (const [what, host, options] of cases)
      it(what, async () => {
        let connections = 0;
        const server = createServer(accepting).on("connection", () => (connections += 1));
        const { port } = new URL(await listen(server));
        const answer = await sender(options).send(notification(`http://${host}:${port}/`), patience());
        assert.equal(answer.status, 0);
        assert.match(answer.detail, /not public|public addresses only/);
        assert.equal(connections, 0);
      });

    it("a name that was public when asked first and is not any more", async () => {
      // The connection is closed after each answer, so that the second notification has to ask again.
      const { port, received } = await merchant(
        (_, response) => void response.setHeader("connection", "close").end(),
      );
      const answers = ["127.0.0.1", "10.0.0.1"];
      let asked = 0;
      const lookup: Lookup = (name, options, callback) =>
        resolvesTo(answers[asked++]!)(name, options, callback);
      const guarded = sender({ allowLoopback: true, lookup });
      assert.equal(
        (await guarded.send(notification(`http://shop.example:${port}/`), patience())).status,
        200,
      );
      assert.equal((await guarded.send(notification(`http://shop.example:${port}/`), patience())).status, 0);
      assert.deepEqual([asked, received.length], [2, 1]);
    });
  });

  it("connects to the very address that was checked", async () => {
    const { port, received } = await merchant(accepting);
    const only = sender({ allowLoopback: true, lookup: resolvesTo("127.0.0.1") });
    assert.equal((await only.send(notification(`http://shop.example:${port}/`), patience())).status, 200);
    assert.equal(received[0]!.headers.host, `shop.example:${port}`);
  });
});
