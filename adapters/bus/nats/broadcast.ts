/** Broadcast: plain NATS subjects, no stream. Whoever is connected hears; what is said while disconnected is lost. */
import type { Msg, Subscription } from "@nats-io/transport-node";
import type { Telemetry } from "../../../engine/ports/telemetry.js";
import type { Connection } from "./connection.js";
import type { Names } from "./names.js";

type Listener = (payload: unknown) => void;

interface Topic {
  readonly listeners: Set<Listener>;
  subscription?: Subscription;
}

export class Broadcast {
  readonly #topics = new Map<string, Topic>();

  constructor(
    private readonly connection: Connection,
    private readonly names: Names,
    private readonly telemetry: Telemetry,
  ) {
    // The client subscribes again after a reconnect; topics that were asked for before the first one are made here.
    connection.on((event) => {
      if (event.kind === "connected") for (const [name, topic] of this.#topics) this.#subscribe(name, topic);
    });
  }

  say(name: string, payload: unknown): void {
    // The client would buffer it until its next attempt to connect, and then drop it.
    if (!this.connection.connected) return;
    try {
      this.connection.link.nats.publish(this.names.broadcastOf(name), JSON.stringify({ payload }));
    } catch (error) {
      // Too large for the server: broadcasts are hints, and who speaks may be in the middle of a commit.
      this.telemetry.log("warn", { event: "broadcast.dropped", topic: name, detail: String(error) });
    }
  }

  on(name: string, listener: Listener): () => void {
    let topic = this.#topics.get(name);
    if (!topic) this.#topics.set(name, (topic = { listeners: new Set() }));
    const { listeners } = topic;
    listeners.add(listener);
    if (this.connection.connected) this.#subscribe(name, topic);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#topics.get(name)?.listeners !== listeners) return;
      this.#topics.get(name)?.subscription?.unsubscribe();
      this.#topics.delete(name);
    };
  }

  #subscribe(name: string, topic: Topic): void {
    topic.subscription ??= this.connection.link.nats.subscribe(this.names.broadcastOf(name), {
      callback: (error, message) => {
        if (error)
          this.telemetry.log("warn", { event: "broadcast.refused", topic: name, detail: String(error) });
        else this.#hear(name, topic, message);
      },
    });
  }

  #hear(name: string, { listeners }: Topic, message: Msg): void {
    let payload: unknown;
    try {
      ({ payload } = message.json<{ readonly payload: unknown }>());
    } catch (error) {
      this.telemetry.log("warn", { event: "broadcast.malformed", topic: name, detail: String(error) });
      return;
    }
    for (const listener of [...listeners]) {
      try {
        listener(payload);
      } catch (error) {
        this.telemetry.log("warn", {
          event: "broadcast.listener-failed",
          topic: name,
          detail: String(error),
        });
      }
    }
  }
}
