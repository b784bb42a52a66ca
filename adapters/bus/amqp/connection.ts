/**
 * One connection that comes back by itself.
 *
 * `open` makes the first one or fails. From then on a connection that ends, for whatever reason, is followed by
 * attempts with growing pauses for as long as it takes, until `close`. Everything made on a connection (channels,
 * consumers) ends with it; whoever wants to have them again listens to `up`.
 */
import { type ChannelModel, connect, type SocketOptions } from "amqplib";
import { Backoff } from "./backoff.js";
import { textOf, unreachable } from "./failure.js";
import type { Surroundings } from "./options.js";

export interface ConnectionListener {
  /** There is a new connection. */
  up?(model: ChannelModel): void;
  /** It ended, or the server stopped taking messages (`blocked`): `usable` says whether it still does. */
  changed?(why: string): void;
}

export interface ConnectionOptions extends Surroundings {
  readonly url: string;
  /** What the broker's own tools show for it. */
  readonly name: string;
  readonly heartbeatMs: number;
  readonly connectMsMax: number;
}

interface Live {
  readonly model: ChannelModel;
  /** Cuts the socket, also one whose other end is silent. */
  readonly cut: () => void;
  /** Resolves, with the reason, when it has ended. */
  readonly ended: Promise<string>;
}

/** A connection that was closed gets so long to say goodbye before its socket is destroyed. */
const lingerMs = 500;

export class Connection {
  readonly #listeners = new Set<ConnectionListener>();
  readonly #backoff: Backoff;
  #live: Live | undefined;
  #blocked = false;
  #trouble = "not connected";
  #closing = false;
  #kept: Promise<void> = Promise.resolve();
  #cutAttempt: (() => void) | undefined;

  constructor(private readonly options: ConnectionOptions) {
    this.#backoff = new Backoff(options.clock, options.random);
  }

  get model(): ChannelModel | undefined {
    return this.#live?.model;
  }

  /** The server is low on memory or disk: it confirms nothing and reads nothing from this connection. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Why the last one ended. */
  get trouble(): string {
    return this.#trouble;
  }

  /** @returns stops listening */
  listen(listener: ConnectionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws ValenceError `broker_unreachable` */
  async open(): Promise<void> {
    const first = await this.#connect();
    if (this.#closing) {
      first.cut();
      throw unreachable("closed while it was opened");
    }
    this.#kept = this.#keep(first);
  }

  /** Ends it in order; what takes longer than `msMax` is cut. */
  async close(msMax: number): Promise<void> {
    this.#closing = true;
    this.#backoff.cut();
    this.#cutAttempt?.();
    const live = this.#live;
    if (live) {
      const giveUp = this.options.clock.after(msMax, live.cut);
      // Resolves only when the server answers; `ended` does in any case.
      live.model.close().catch(() => undefined);
      await live.ended;
      giveUp();
      live.cut();
    }
    await this.#kept;
  }

  async #keep(first: Live): Promise<void> {
    const { clock, telemetry, name } = this.options;
    for (let live: Live | undefined = first; live; live = await this.#reconnect()) {
      this.#live = live;
      this.#blocked = false;
      this.#backoff.reset();
      for (const { up } of this.#listeners) up?.(live.model);
      const why = await live.ended;
      this.#live = undefined;
      this.#changed(why);
      if (this.#closing) break;
      clock.after(lingerMs, live.cut);
      telemetry.log("warn", { event: "broker.disconnected", connection: name, why });
    }
  }

  async #reconnect(): Promise<Live | undefined> {
    const { telemetry, name } = this.options;
    while (!this.#closing) {
      await this.#backoff.pause();
      if (this.#closing) break;
      try {
        const live = await this.#connect();
        telemetry.log("info", { event: "broker.connected", connection: name });
        return live;
      } catch (error) {
        telemetry.log("debug", { event: "broker.connect-failed", connection: name, why: textOf(error) });
      }
    }
    return undefined;
  }

  async #connect(): Promise<Live> {
    const { clock, connectMsMax, name } = this.options;
    const controller = new AbortController();
    const cut = (): void => controller.abort();
    this.#cutAttempt = cut;
    const giveUp = clock.after(connectMsMax, cut);
    const socket: SocketOptions & { readonly signal: AbortSignal } = {
      noDelay: true,
      keepAlive: true,
      clientProperties: { connection_name: name },
      // The only way to a socket that never answers: amqplib ends sockets, it does not destroy them.
      signal: controller.signal,
    };
    try {
      const model = await connect(this.#url(), socket);
      return { model, cut, ended: this.#watch(model) };
    } catch (error) {
      cut();
      throw unreachable(`${this.#address()}: ${textOf(error)}`, error);
    } finally {
      giveUp();
      this.#cutAttempt = undefined;
    }
  }

  #watch(model: ChannelModel): Promise<string> {
    model.on("blocked", (reason) => this.#block(true, reason));
    model.on("unblocked", () => this.#block(false, "unblocked"));
    return new Promise((resolve) => {
      this.#trouble = "closed";
      // An error is always followed by the close. Its channels end between the two.
      model.on("error", (error) => (this.#trouble = textOf(error)));
      model.on("close", (error) => {
        if (error) this.#trouble = textOf(error);
        resolve(this.#trouble);
      });
    });
  }

  #block(blocked: boolean, why: string): void {
    this.#blocked = blocked;
    const event = blocked ? "broker.blocked" : "broker.unblocked";
    this.options.telemetry.log("warn", { event, connection: this.options.name, why });
    this.#changed(why);
  }

  #changed(why: string): void {
    for (const { changed } of this.#listeners) changed?.(why);
  }

  #url(): string {
    const url = new URL(this.options.url);
    if (!url.searchParams.has("heartbeat")) {
      url.searchParams.set("heartbeat", String(Math.max(1, Math.round(this.options.heartbeatMs / 1_000))));
    }
    return url.href;
  }

  /** Without the password. */
  #address(): string {
    const { protocol, host } = new URL(this.options.url);
    return `${protocol}//${host}`;
  }
}
