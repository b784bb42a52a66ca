/**
 * One connection to the server (or cluster) for everything a process does. The client reconnects by itself, for as
 * long as it takes; this file says when it is away and when it is back, and refuses to write meanwhile: what the
 * client buffers while disconnected it silently drops at the next attempt.
 */
import { jetstreamManager, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import { ValenceError } from "../../../engine/errors.js";
import type { BrokerEvent } from "../../../engine/ports/broker.js";
import type { Random } from "../../../engine/ports/clock.js";
import type { Telemetry } from "../../../engine/ports/telemetry.js";

/** Between two attempts, plus up to as much again: a thousand processes must not come back in the same instant. */
const reconnectMs = 250;
const connectTimeoutMs = 5_000;
/** The server is asked for a sign of life so often; after two that it owes us the connection counts as lost. */
const pingMs = 5_000;
/** An answer of the JetStream API that is not there after this will not come. */
export const requestTimeoutMs = 5_000;

export interface Link {
  readonly nats: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
}

export interface ConnectionOptions {
  /** `nats://user:password@host:port`, `tls://…`, several hosts separated by commas; a lone user is a token. */
  readonly url: string;
  /** Shown by the server among its connections. */
  readonly name: string;
  readonly random: Random;
  readonly telemetry: Telemetry;
}

export class Connection {
  readonly #listeners = new Set<(event: BrokerEvent) => void>();
  #link: Link | undefined;
  #connected = false;
  #closing = false;

  constructor(private readonly options: ConnectionOptions) {}

  get connected(): boolean {
    return this.#connected;
  }

  /** @throws ValenceError `broker_unreachable` while there is no usable connection. */
  get link(): Link {
    if (!this.#link || !this.#connected) {
      throw new ValenceError("broker_unreachable", `no connection to NATS at ${this.#hosts}`);
    }
    return this.#link;
  }

  on(listener: (event: BrokerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: BrokerEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.options.telemetry.log("error", { event: "broker.listener-failed", detail: String(error) });
      }
    }
  }

  /** @throws ValenceError `broker_unreachable` that says what to do. */
  async open(): Promise<void> {
    const nats = await connect(this.#settings()).catch((error: unknown) => {
      throw this.#unreachable(`${String(error)}; start it, or correct the bus URL`, error);
    });
    try {
      const manager = await jetstreamManager(nats, { timeout: requestTimeoutMs });
      this.#link = { nats, manager, jetstream: manager.jetstream() };
    } catch (error) {
      await nats.close();
      const hint = "enable it there: a `jetstream {}` block in its configuration, or `nats-server -js`";
      throw this.#unreachable(`it does not offer JetStream to this user (${String(error)}); ${hint}`, error);
    }
    this.#connected = true;
    void this.#watch(nats);
    this.emit({ kind: "connected" });
  }

  /** Waits a little for what was written to leave; whatever the server does, it ends. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#connected = false;
    await this.#link?.nats.close();
  }

  get #hosts(): string {
    return this.#settings().servers.join(", ");
  }

  #unreachable(detail: string, cause: unknown): ValenceError {
    return new ValenceError("broker_unreachable", `NATS at ${this.#hosts}: ${detail}`, { cause });
  }

  #settings(): NodeConnectionOptions & { readonly servers: string[] } {
    const { url, name, random } = this.options;
    const [, scheme = "nats", userinfo, hosts = ""] = /^(?:(\w+):\/\/)?(?:([^@]*)@)?([^/?]*)/.exec(url) ?? [];
    const [user, pass] = (userinfo ?? "").split(":").map(decodeURIComponent);
    return {
      servers: hosts.split(","),
      name,
      ...(user && pass !== undefined ? { user, pass } : user ? { token: user } : {}),
      ...(scheme === "tls" ? { tls: {} } : {}),
      timeout: connectTimeoutMs,
      pingInterval: pingMs,
      maxPingOut: 2,
      maxReconnectAttempts: -1,
      reconnectDelayHandler: () => reconnectMs * (1 + random.fraction()),
      // A password that is refused may be right again once the server's configuration has been mended.
      ignoreAuthErrorAbort: true,
      // A stack trace for each of thousands of requests a second costs more than the requests.
      noAsyncTraces: true,
    };
  }

  async #watch(nats: NatsConnection): Promise<void> {
    for await (const status of nats.status()) {
      if (status.type === "disconnect" && this.#connected && !this.#closing) {
        this.#connected = false;
        this.emit({ kind: "disconnected", why: `connection to ${status.server} lost` });
      } else if (status.type === "reconnect" && !this.#connected && !this.#closing) {
        this.#connected = true;
        this.emit({ kind: "connected" });
      } else if (status.type === "error") {
        this.options.telemetry.log("warn", { event: "broker.error", detail: String(status.error) });
      }
    }
    if (!this.#closing) this.options.telemetry.log("error", { event: "broker.connection-closed" });
  }
}
