/** A channel under test: its driver, its simulated institution, and what the institution knows. Stopped at the end. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { v7 } from "uuid";
import type { ChannelModule } from "../../adapters/channels/channel-module.js";
import { ChannelSettings, type SettingValue } from "../../adapters/channels/channel-settings.js";
import type { ChargeRow } from "../../adapters/channels/institution-control.js";
import type { LoggedRequest } from "../../adapters/channels/institution-requests.js";
import {
  startInstitution,
  type InstitutionKind,
  type InstitutionOptions,
} from "../../adapters/channels/institution-server.js";
import type {
  CallbackIn,
  ChannelDriver,
  ChannelManifest,
  ChargeRequest,
  RefundRequest,
} from "../../engine/ports/channel.js";

export interface ChannelUnderTest {
  readonly createDriver: ChannelModule["createDriver"];
  readonly manifest: ChannelManifest;
  /** Its simulated institution, which shares `secret` with the driver. */
  readonly institution: (secret: string) => InstitutionKind;
  /** What its settings are for an institution at `baseUrl`. */
  readonly settings: (baseUrl: string, secret: string) => Readonly<Record<string, SettingValue>>;
}

export const secret = "a secret of the contract suite";
export const patience = (): AbortSignal => new AbortController().signal;

export const payment = (some: Partial<ChargeRequest> = {}): ChargeRequest => ({
  paymentId: v7(),
  orderId: v7(),
  amountMinor: 1205,
  currency: "CNY",
  subject: "Zwei Kaffee & 一个面包",
  method: "card",
  returnUrl: undefined,
  ...some,
});

export const refundOf = (
  { paymentId, orderId, amountMinor: totalMinor, currency }: ChargeRequest,
  amountMinor: number,
): RefundRequest => ({ refundId: v7(), paymentId, orderId, amountMinor, totalMinor, currency });

/** Asks until `done`; mocha's timeout bounds it. */
export async function until<Value>(
  ask: () => Promise<Value>,
  done: (value: Value) => boolean,
): Promise<Value> {
  for (;;) {
    const value = await ask();
    if (done(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const stops: (() => Promise<unknown>)[] = [];

/** For `afterEach`. */
export async function stopWorld(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop();
}

export interface Institution {
  readonly url: string;
  /** What was charged, and how much of it was refunded: the truth. */
  charges(paymentId?: string): Promise<readonly ChargeRow[]>;
  requests(): Promise<readonly LoggedRequest[]>;
  fault(fault: object): Promise<void>;
  heal(): Promise<void>;
}

const get = async <Body>(url: string): Promise<Body> => (await (await fetch(url)).json()) as Body;

export async function start(
  kind: InstitutionKind,
  options: Partial<InstitutionOptions> = {},
): Promise<Institution> {
  const folder = await mkdtemp(join(tmpdir(), "valence-channel-"));
  stops.push(() => rm(folder, { recursive: true }));
  const ledgerFile = join(folder, "ledger");
  const { url, close } = await startInstitution(kind, {
    port: 0,
    payerDelayMs: 20,
    fsync: false,
    ledgerFile,
    ...options,
  });
  stops.push(close);
  return {
    url,
    charges: (paymentId) =>
      get(`${url}/__sim/charges${paymentId === undefined ? "" : `?paymentId=${paymentId}`}`),
    requests: () => get(`${url}/__sim/requests`),
    fault: async (fault) => {
      const answer = await fetch(`${url}/__sim/faults`, { method: "POST", body: JSON.stringify(fault) });
      if (answer.status !== 201) throw new Error(await answer.text());
    },
    heal: async () => void (await fetch(`${url}/__sim/faults`, { method: "DELETE" })),
  };
}

export function driverOf(
  { createDriver, manifest, settings }: ChannelUnderTest,
  baseUrl: string,
  callTimeoutMs = 5_000,
): ChannelDriver {
  const driver = createDriver({
    manifest: { ...manifest, callTimeoutMs },
    settings: new ChannelSettings(settings(baseUrl, secret)),
    connections: 4,
  });
  stops.push(() => driver.dispose());
  return driver;
}

/** Takes callbacks as the bridge would and answers them with what `reply` says. */
export async function receiver(
  reply: (callback: CallbackIn) => { status: number; body: string },
): Promise<{ readonly url: string; readonly received: readonly CallbackIn[] }> {
  const received: CallbackIn[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = request.headers as Record<string, string>;
      const callback = { headers, bodyBase64: Buffer.concat(chunks).toString("base64") };
      received.push(callback);
      const { status, body } = reply(callback);
      response.writeHead(status).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`, received };
}

/** A port that was free a moment ago. */
export async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
