/** The bus of a process: in the database, or on a broker beside it, as `bus.url` says. */
import { ValenceError } from "../../engine/errors.js";
import type { Broker, Bus, Clock, CommitDesk, Random, Telemetry } from "../../engine/ports/index.js";
import { RelayedBus } from "../../engine/relay/relayed-bus.js";
import type { Crash } from "../../engine/runtime/crash-points.js";
import { PostgresBus } from "../bus/postgres/bus.js";
import type { Settings } from "../settings/index.js";
import type { Database } from "../store/postgres/database.js";
import { lettersBeside } from "../store/postgres/dead-letters.js";
import { PostgresOutbox } from "../store/postgres/outbox.js";

/** How often delayed messages and those of dead processes are looked for in the outbox. Milliseconds. */
const collectEveryMs = 250;

export type ProcessBus = Bus &
  CommitDesk & {
    open(): Promise<void>;
    close(): Promise<void>;
  };

export interface BusContext {
  readonly settings: Settings;
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  readonly instance: string;
  /** The process has the narrow rights of a bridge: it sends what it accepted and collects nobody else's. */
  readonly edgeOnly: boolean;
}

export async function createBus({ settings, edgeOnly, ...context }: BusContext): Promise<ProcessBus> {
  if (settings.bus.url === "postgres")
    return new PostgresBus({ ...context, pollIdleMs: settings.workers.pollIdleMs });
  const sql = context.database.pool;
  return new RelayedBus({
    ...context,
    broker: await createBroker(settings.bus, context),
    outbox: new PostgresOutbox(sql, context.instance),
    letters: lettersBeside(sql),
    collectEveryMs: edgeOnly ? 0 : collectEveryMs,
  });
}

/** What commits say to the bus; between a commit and its sends the process may be told to die. */
export function deskOf(bus: ProcessBus, crash: Crash): CommitDesk {
  if (bus.kind === "claim") return bus;
  return {
    kind: "relay",
    prepare: (message) => bus.prepare(message),
    committed: (outgoing, settled) => {
      if (outgoing.length > 0) crash("committed-unsent", {});
      bus.committed(outgoing, settled);
    },
  };
}

type BrokerContext = Pick<BusContext, "clock" | "random" | "telemetry" | "instance">;

/**
 * The adapter follows from the scheme of the URL, and is loaded only then.
 * @throws ValenceError `settings_invalid`
 */
export async function createBroker(
  { url, namespace, replicas }: Settings["bus"],
  context: BrokerContext,
): Promise<Broker> {
  const scheme = url.slice(0, url.indexOf(":"));
  if (scheme === "amqp" || scheme === "amqps") {
    const { createAmqpBroker } = await import("../bus/amqp/index.js");
    return createAmqpBroker({ ...context, url, namespace });
  }
  if (scheme === "nats" || scheme === "tls") {
    const { createNatsBroker } = await import("../bus/nats/index.js");
    return createNatsBroker({ ...context, url, namespace, replicas });
  }
  throw new ValenceError("settings_invalid", `bus.url: there is no bus for ${scheme}:`);
}
