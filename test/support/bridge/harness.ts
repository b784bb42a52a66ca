/** A bridge on a real socket in front of the memory engine, and a client that signs. */
import { generateKeyPairSync } from "node:crypto";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { v7 } from "uuid";
import { createBridge, type Bridge, type BridgeDeps } from "../../../adapters/http/bridge/bridge.js";
import { signRequest, type SigningKey } from "../../../adapters/http/sign.js";
import type { Problem } from "../../../engine/errors.js";
import type {
  ChannelFacts,
  LogEvent,
  Merchant,
  MerchantKey,
  Row,
  Telemetry,
} from "../../../engine/ports/index.js";
import { dictionary, MemoryCatalogue, systemFields } from "./definitions.js";
import { ManualClock } from "./manualClock.js";
import { MemoryEngine } from "./memoryEngine.js";
import { factsOf } from "../../../adapters/memory/facts.js";

export const secret = "a secret of the demo merchant";
export const rsa = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

const merchant = (merchantId: string, status: Merchant["status"] = "active"): Merchant => ({
  merchantId,
  name: merchantId,
  status,
  businesses: [],
});
const merchants = [merchant("demo"), merchant("other"), merchant("cold", "frozen")];

const hmacKey = { algorithm: "hmac-sha256", material: secret, status: "active" } as const;
const keys: readonly MerchantKey[] = [
  ...merchants.map(({ merchantId }) => ({ ...hmacKey, merchantId, keyId: "k1" })),
  { ...hmacKey, merchantId: "demo", keyId: "old", status: "revoked" },
  { merchantId: "demo", keyId: "r1", algorithm: "rsa-sha256", material: rsa.publicKey, status: "active" },
];

const card: ChannelFacts = factsOf("card", { methods: ["card"], currencies: ["CNY"] });

export interface Call {
  readonly method?: string;
  readonly path: string;
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly merchantId?: string;
  readonly keyId?: string;
  readonly key?: SigningKey;
  readonly nonce?: string;
  /** Added to the clock for the signature. */
  readonly offsetMs?: number;
  /** Sent as it is, or not at all, instead of a signature. */
  readonly authorization?: string | readonly string[] | "none";
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  /** The body as JSON. */
  readonly body: Row & Partial<Problem>;
}

export interface Harness {
  readonly engine: MemoryEngine;
  readonly clock: ManualClock;
  readonly catalogue: MemoryCatalogue;
  readonly bridge: Bridge;
  readonly url: string;
  readonly events: LogEvent[];
  /** `name{labels}` of every metric, in order. */
  readonly metrics: string[];
  send(call: Call): Promise<Reply>;
  sign(call: Call): string;
}

export const demoOrder = {
  merchantOrderId: "A-1001",
  amount: 1050,
  currency: "CNY",
  subject: "Two coffees",
} as const;

/** Epoch milliseconds at which every harness starts. */
export const startMs = Date.UTC(2025, 0, 15, 12);

export async function startBridge(
  overrides: Partial<Omit<BridgeDeps, "settings">> & {
    readonly settings?: Partial<BridgeDeps["settings"]>;
  } = {},
): Promise<Harness> {
  const engine = new MemoryEngine();
  const clock = new ManualClock(startMs);
  const catalogue = new MemoryCatalogue();
  const events: LogEvent[] = [];
  const metrics: string[] = [];
  const record = (name: string, labels: Readonly<Record<string, string>>): void =>
    void metrics.push(
      `${name}{${Object.entries(labels)
        .map(([label, value]) => `${label}=${value}`)
        .join(",")}}`,
    );
  const telemetry: Telemetry = {
    log: (_level, event) => void events.push(event),
    count: record,
    observe: record,
    gauge: record,
  };
  const bridge = await createBridge({
    store: engine.store,
    bus: engine.bus,
    reference: {
      merchant: async (merchantId) => merchants.find((known) => known.merchantId === merchantId),
      key: async (merchantId, keyId) =>
        keys.find((key) => key.merchantId === merchantId && key.keyId === keyId),
      webhookSecret: async () => undefined,
      routes: async () => [],
      channels: async () => [card],
    },
    catalogue,
    clock,
    random: { id: () => v7({ msecs: clock.nowMs() }), fraction: () => 0.5 },
    telemetry,
    dictionary,
    systemFields,
    checkNotifyUrl: (url) => (url.includes("//10.") ? { ok: false, why: "a private address" } : { ok: true }),
    metrics: async () => "valence_up 1\n",
    ready: async () => ({ ready: true }),
    readOrder: async (orderId) => engine.orders.get(orderId),
    readRefund: async (refundId) => engine.refunds.get(refundId),
    readRun: async (runId) => engine.runs.get(runId),
    ...overrides,
    settings: {
      instance: "bridge-1",
      replyWaitMs: 3000,
      inFlightMax: 100,
      connectionsMax: 1_000,
      arrivalMsMax: 30_000,
      allowLoopbackNotify: false,
      ...overrides.settings,
    },
  });
  const url = await bridge.listen(0, "127.0.0.1");

  let nonces = 0;
  const sign = (call: Call): string =>
    signRequest({
      ...(call.key ?? { algorithm: "hmac-sha256", secret }),
      method: call.method ?? (call.body === undefined ? "GET" : "POST"),
      path: call.path,
      body: textOf(call.body),
      merchantId: call.merchantId ?? "demo",
      keyId: call.keyId ?? "k1",
      nowMs: clock.nowMs() + (call.offsetMs ?? 0),
      nonce: call.nonce ?? `nonce-${(nonces += 1)}-of-the-test`,
    });
  const send = (call: Call): Promise<Reply> => sendRaw(url, call, call.authorization ?? sign(call));
  return { engine, clock, catalogue, bridge, url, events, metrics, send, sign };
}

const textOf = (body: unknown): string | Buffer =>
  body === undefined ? "" : typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);

function sendRaw(url: string, call: Call, authorization: string | readonly string[]): Promise<Reply> {
  const body = textOf(call.body);
  const headers: Record<string, string | readonly string[] | undefined> = {
    ...(call.body === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
    ...(authorization === "none" ? {} : { authorization }),
    ...call.headers,
  };
  // A flat list, so that a header can really be sent twice.
  const flat = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().flatMap((single) => (single === undefined ? [] : [name, single])),
  );
  const { hostname, port } = new URL(url);
  const method = call.method ?? (call.body === undefined ? "GET" : "POST");
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        hostname,
        port,
        path: call.path,
        method,
        headers: ["host", `${hostname}:${port}`, ...flat],
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const isJson = String(response.headers["content-type"]).includes("json");
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            body: isJson && text !== "" ? (JSON.parse(text) as Row) : {},
          });
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** Lets sockets and promises move until `condition` holds; fails the test when it never does. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`never happened: ${what}`);
}
