/** What strangers, broken clients and enemies send. Each attack is one or a few connections, drawn from a seed. */
import { setTimeout as pause } from "node:timers/promises";
import type { Dice } from "./dice.js";
import type { Target } from "./target.js";

export type Attack = (target: Target, dice: Dice) => Promise<unknown>;

const chunked = (chunks: string, more = ""): string =>
  `POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n${more}\r\n${chunks}`;
const get = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`;
const repeat = (text: string, bytes: number): string => text.repeat(Math.ceil(bytes / text.length));
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** A signed order whose body is written as it is given. */
const signedBody =
  (bodies: (dice: Dice, order: Readonly<Record<string, unknown>>) => string | Buffer): Attack =>
  (target, dice) => {
    const order = target.order();
    return target.fireOrder(order.merchantOrderId, target.signed({ body: bodies(dice, order) }));
  };
/** Lines of bytes, one of them per attack. */
const oneOf =
  (...requests: readonly string[]): Attack =>
  (target, dice) =>
    target.fire(latin1(dice.pick(requests)));

const smuggled = get("/v1/orders?merchantOrderId=smuggled");

export const attacks: Readonly<Record<string, Attack>> = {
  "random bytes": (target, dice) => target.fire(dice.bytes(1 + dice.whole(2_000))),

  "a good order with flipped bits": async (target, dice) => {
    const order = target.order();
    const bytes = target.signed({ body: JSON.stringify(order) });
    for (let n = 1 + dice.whole(3); n > 0; n--) bytes[dice.whole(bytes.length)]! ^= 1 << dice.whole(8);
    await target.fireOrder(order.merchantOrderId, bytes);
  },

  "a good order cut off": (target, dice) => {
    const bytes = target.signed({ body: JSON.stringify(target.order()) });
    return target.fire(bytes.subarray(0, dice.whole(bytes.length - 1)));
  },

  "a good order in pieces": async (target, dice) => {
    const order = target.order();
    const bytes = target.signed({ body: JSON.stringify(order) });
    const connection = target.connect();
    for (let at = 0; at < bytes.length;) {
      const next = at + 1 + dice.whole(200);
      await connection.write(bytes.subarray(at, next));
      await pause(dice.whole(10));
      at = next;
    }
    await target.finishOrder(order.merchantOrderId, connection);
  },

  "huge headers": oneOf(
    get("/healthz", `a: ${repeat("x", 20_000)}\r\n`),
    get("/healthz", `a: ${repeat("x", 300_000)}\r\n`),
    get("/healthz", repeat("a: b\r\n", 60_000)),
    get("/healthz", repeat("a:\r\n", 12_000)),
    get(`/${repeat("x", 15_000)}`),
    get(`/${repeat("x", 100_000)}`),
    get("/v1/orders", `authorization: VALENCE-HMAC-SHA256 ${repeat('nonce="x",', 8_000)}\r\n`),
  ),

  "headers that drip": async (target, dice) => {
    const connection = target.connect();
    const text = get("/healthz", repeat("a: b\r\n", 2_000));
    for (let at = 0; at < 12 && !connection.socket.destroyed; at++) {
      await connection.write(text.slice(at, at + 1));
      await pause(100 + dice.whole(100));
    }
    await connection.settle(2_500, 5_000);
    target.note(connection);
    connection.socket.destroy();
  },

  "a body without end": async (target, dice) => {
    const connection = target.connect();
    const path = dice.pick(["/v1/orders", "/nowhere", "/healthz", "/channels/simulator/notify"]);
    const length = dice.pick(["transfer-encoding: chunked", "content-length: 1000000000000"]);
    await connection.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${length}\r\n\r\n`,
    );
    const block = length.startsWith("t") ? `10000\r\n${repeat("x", 65_536)}\r\n` : repeat("x", 65_536);
    for (let n = 0; n < 160 && !connection.socket.destroyed; n++) await connection.write(block);
    await connection.settle(500, 4_000);
    target.note(connection);
    connection.socket.destroy();
  },

  "broken chunks": oneOf(
    chunked("zz\r\n{}\r\n0\r\n\r\n"),
    chunked("-1\r\n{}\r\n"),
    chunked("FFFFFFFFFFFFFFFFFF\r\n{}"),
    chunked("2;\r\n{}\r\n0\r\n\r\n"),
    chunked(`2;${repeat("a=b;", 20_000)}\r\n{}\r\n0\r\n\r\n`),
    chunked("2\n{}\n0\n\n"),
    chunked("2\r\n{}0\r\n\r\n"),
    chunked("2 \r\n{}\r\n0\r\n\r\n"),
    chunked("0x2\r\n{}\r\n0\r\n\r\n"),
    chunked("2\r\n{}\r\n0\r\nno trailer\r\n\r\n"),
    chunked(`2\r\n{}\r\n0\r\n${repeat("a: b\r\n", 100_000)}\r\n`),
    chunked("2\r\n{}\r\n0\r\ncontent-length: 9\r\nauthorization: x\r\n\r\n"),
    chunked("2\r\n{}\r\n"),
    chunked(repeat("1\r\nx\r\n", 200_000)),
  ),

  "two requests in one": oneOf(
    ...[
      "content-length: 4\r\ntransfer-encoding: chunked",
      "transfer-encoding: chunked\r\ncontent-length: 4",
      "transfer-encoding: chunked\r\ntransfer-encoding: identity",
      "transfer-encoding: identity, chunked",
      "transfer-encoding: xchunked",
      "transfer-encoding : chunked",
      "transfer-encoding:\x0bchunked",
      "transfer-encoding: chunked\r\n x",
      "content-length: 5\r\ncontent-length: 6",
      "content-length: 5, 5",
      "content-length: +5",
      "content-length: 0x5",
      "content-length: -5",
      "content-length: 99999999999999999999",
      "content-length: 5\rtransfer-encoding: chunked",
      "content-length: 5\ntransfer-encoding: chunked",
    ].map((lines) => `POST /v1/orders HTTP/1.1\r\nhost: x\r\n${lines}\r\n\r\n0\r\n\r\n${smuggled}`),
  ),

  "other protocols and targets": oneOf(
    "GET /healthz HTTP/1.0\r\n\r\n",
    "GET /healthz\r\n\r\n",
    "GET /healthz HTTP/2.0\r\nhost: x\r\n\r\n",
    "GET /healthz HTTP/9.9\r\nhost: x\r\n\r\n",
    "GET /healthz HTTP/1.1\r\n\r\n",
    "get /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
    "BREW /coffee HTTP/1.1\r\nhost: x\r\n\r\n",
    "PROPFIND /v1/orders HTTP/1.1\r\nhost: x\r\n\r\n",
    "TRACE /v1/orders HTTP/1.1\r\nhost: x\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
    "CONNECT bank:443 HTTP/1.1\r\nhost: bank:443\r\n\r\n",
    "GET http://bank/v1/orders HTTP/1.1\r\nhost: x\r\n\r\n",
    "GET bank:80 HTTP/1.1\r\nhost: x\r\n\r\n",
    get("/healthz", "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: x\r\n"),
    get("/healthz", "upgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABk\r\n"),
    get("/healthz", "expect: 100-continue\r\n"),
    get("/healthz", "expect: miracles\r\n"),
    get("/healthz", "host: y\r\n"),
    get("/healthz", "connection: close, keep-alive, x, __proto__\r\n"),
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "*1\r\n$4\r\nPING\r\n",
    "EHLO bank\r\n",
  ),

  "paths and headers that mean something elsewhere": oneOf(
    ...[
      "/v1/orders/%0d%0aset-cookie:%20a=b",
      "/v1/orders/%00",
      "/v1/orders/..%2f..%2fadmin",
      "/v1/orders/%c0%ae%c0%ae/",
      "/v1/orders/%ff%fe",
      "/v1/orders/' or 1=1 --".replaceAll(" ", "%20"),
      "/v1/orders?merchantOrderId[]=a&merchantOrderId[__proto__]=b",
      "/v1/orders?merchantOrderId=a&merchantOrderId=b",
      `/v1/orders?${repeat("a=b&", 14_000)}`,
      "/v1/orders?__proto__=x&constructor=y",
      "/v1/transactions/__proto__",
      "/v1/transactions/constructor",
      "/channels/__proto__/notify",
      "//v1//orders",
      "/%2e%2e/%2e%2e/etc/passwd",
      "/\xff\xfe",
      "/?\x80",
      "/#",
    ].map((path) => get(path, "accept: */*\r\n")),
    get("/healthz", "a: b\rc: d\r\n"),
    get("/healthz", "a: b\nc: d\r\n"),
    get("/healthz", "a: b\0c\r\n"),
    get("/healthz", "\x80\xff: b\r\n"),
    get("/healthz", "__proto__: b\r\nconstructor: c\r\ntostring: d\r\n"),
    get("/healthz", "a: \x80\xff\r\n"),
    get("/healthz", ": b\r\n"),
    get("/healthz", "accept-encoding: gzip;q=NaN, br;q=-1\r\nrange: bytes=0-0,-1,9-\r\nif-match: *\r\n"),
  ),

  "credentials that are none": (target, dice) => {
    const body = JSON.stringify(target.order());
    const wrong = dice.pick<(good: string) => string>([
      (good) => good.replace("VALENCE-HMAC-SHA256", "VALENCE-RSA-SHA256"),
      (good) => good.replace(/timestamp="\d+"/, 'timestamp="999999999999"'),
      (good) => good.replace(/timestamp="\d+"/, 'timestamp="0"'),
      (good) => good.replace(/nonce="[^"]*"/, `nonce="${"a".repeat(64)}"`),
      (good) => good.replace(/merchant_id="[^"]*"/, 'merchant_id="__proto__"'),
      (good) => good.replace(/key_id="[^"]*"/, 'key_id="constructor"'),
      (good) => good.replace(/signature="[^"]*"/, 'signature=""'),
      (good) => good.replace(/signature="[^"]*"/, `signature="${Buffer.alloc(32).toString("base64")}"`),
      (good) => good.replace(/signature="[^"]*"/, `signature="${Buffer.alloc(1500).toString("base64")}"`),
      (good) => `${good},${good.slice(good.indexOf(" ") + 1)}`,
      (good) => good.replaceAll('"', "'"),
      (good) => `${good}\r\nauthorization: ${good}`,
      () => `Bearer ${repeat("x", 4_000)}`,
    ]);
    const head = (good: string, bytes: Buffer): readonly string[] => [
      ...["host: x", "content-type: application/json", `content-length: ${bytes.length}`],
      `authorization: ${wrong(good)}`,
    ];
    return target.fire(target.signed({ body, head }));
  },

  "deep JSON": signedBody((dice, order) => {
    const [open, close] = dice.pick([
      ["[", "]"],
      ['{"a":', "}"],
      ["[", ""],
      ['{"a":', ""],
    ] as const);
    const levels = dice.pick([17, 1_000, 10_000, 100_000]);
    return JSON.stringify({ ...order, metadata: 0 }).replace(
      '"metadata":0',
      `"metadata":${open.repeat(levels)}1${close.repeat(levels)}`,
    );
  }),

  "keys that pollute": signedBody((dice, order) => {
    const key = dice.pick([
      "__proto__",
      "constructor",
      "prototype",
      "\\u005f_proto__",
      "toString",
      "then",
      "toJSON",
    ]);
    const value = dice.pick([
      '{"amount":1,"isAdmin":true}',
      '"x"',
      "1",
      "null",
      '{"prototype":{"amount":1}}',
    ]);
    const text = JSON.stringify({ ...order, metadata: {} });
    return dice.pick([
      text.replace("{", `{"${key}":${value},`),
      text.replace('"metadata":{}', `"metadata":{"${key}":${value}}`),
      text.replace('"metadata":{}', `"metadata":{"a":{"${key}":${value}}}`),
    ]);
  }),

  "text that is none": signedBody((dice, order) => {
    const bytes = Buffer.from(JSON.stringify({ ...order, subject: "@@@@" }));
    const put = dice.pick([
      ...[[0xff, 0xfe], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80], [0x00]],
      ...[[0x1f], [0x22, 0x22], [0x5c], [0xe2, 0x80]],
    ]);
    return Buffer.from(
      bytes.toString("latin1").replace("@@@@", Buffer.from(put).toString("latin1")),
      "latin1",
    );
  }),

  "text that is escaped": signedBody((dice, order) =>
    JSON.stringify({ ...order, subject: "@" }).replace(
      "@",
      dice.pick([
        "\\u0000",
        "\\ud800",
        "\\udc00\\ud800",
        "\\u202e",
        "\\u2028",
        "\\ufeff",
        "\\uffff",
        "a\\u0300",
      ]),
    ),
  ),

  "numbers no amount can be": signedBody((dice, order) =>
    JSON.stringify({ ...order, amount: 0 }).replace(
      '"amount":0',
      `"amount":${dice.pick(["1e400", "-0", "1e-400", "0.1e1", "9007199254740993", "1E2", "01", "+1", "0x1", "NaN", `1${"0".repeat(5_000)}`])}`,
    ),
  ),

  "strange and good": signedBody((dice, order) =>
    JSON.stringify({
      ...order,
      subject: dice.pick([
        "😀",
        "'; drop table orders; --",
        "<script>",
        "%s%n",
        "\u202eevil",
        "{field}",
        "${1}",
      ]),
      metadata: {
        [dice.pick(["constructor", "toString", "a b", "😀", "'"])]: dice.pick(["", "x", "\u2028"]),
      },
    }),
  ),

  "closing what is nobody's": (target, dice) => {
    const id = dice.pick([
      target.orderIdOf(`nobody-${dice.whole(1e9)}`),
      "__proto__",
      "..%2f",
      "0",
      "%00",
      "x".repeat(500),
    ]);
    const body = dice.pick(["", "{}", "[]", '{"__proto__":{}}', '{"orderId":"x"}', "\0"]);
    return target.fire(target.signed({ path: `/v1/orders/${id}/close`, body }));
  },

  "the body after the answer": async (target) => {
    const connection = target.connect();
    await connection.write(
      `POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500000\r\n\r\n`,
    );
    await connection.settle(50, 500);
    await connection.write(repeat("x", 500_000));
    await connection.write(get("/healthz"));
    await connection.settle(300, 2_000);
    target.note(connection);
    connection.socket.destroy();
  },

  "an order, and nonsense behind it": async (target, dice) => {
    const order = target.order();
    const nonsense = dice.pick([
      "nonsense\r\n\r\n",
      "\0\0\0\0",
      "POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
    ]);
    const bytes = target.signed({ body: JSON.stringify(order) });
    await target.fireOrder(order.merchantOrderId, Buffer.concat([bytes, latin1(nonsense)]));
  },

  "a hundred requests at once, and gone": async (target, dice) => {
    const connection = target.connect();
    const unsigned = `POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`;
    await connection.write(dice.pick([unsigned, get("/docs"), get("/nowhere")]).repeat(100));
    await pause(dice.whole(30));
    connection.socket.resetAndDestroy();
  },

  "answers that nobody takes": async (target, dice) => {
    const connection = target.connect();
    connection.socket.pause();
    void connection.write(get(dice.pick(["/openapi.json", "/docs", "/metrics"])).repeat(50));
    await pause(300);
    connection.socket.destroy();
  },

  "two hundred connections that are dropped": async (target, dice) => {
    const connections = Array.from({ length: 200 }, () => target.connect());
    for (const connection of connections) void connection.write("POST /v1/orders HTTP/1.1\r\nhost: x\r\n");
    await pause(100 + dice.whole(200));
    for (const connection of connections)
      if (dice.fraction() < 0.5) connection.socket.resetAndDestroy();
      else connection.socket.end();
    await pause(50);
    for (const connection of connections) connection.socket.destroy();
  },

  "callbacks of nobody": async (target, dice) => {
    const body = dice.pick([
      dice.bytes(200),
      Buffer.from("{}"),
      Buffer.from(repeat("{", 60_000)),
      Buffer.alloc(0),
    ]);
    const channel = dice.pick(["simulator", "simulator", "nobody", "..%2f", "__proto__"]);
    const head = `POST /channels/${channel}/notify HTTP/1.1\r\nhost: x\r\nx-signature: ${dice.whole(1e9)}\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n`;
    const connection = target.connect();
    await connection.write(Buffer.concat([Buffer.from(head), body]));
    // The institution's own dialect answers: whole answers are all that is asked of them.
    await connection.settle(500, 5_000);
    void connection.answers;
    connection.socket.destroy();
  },
};
