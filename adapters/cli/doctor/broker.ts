/** The broker, where there is one: does it answer, and how far does "durable" reach on it? */
import type { Check } from "../../../engine/ports/check.js";
import { silent } from "../../../engine/ports/telemetry.js";
import { createBroker } from "../../compose/bus.js";
import type { Settings } from "../../settings/index.js";
import { systemClock, systemRandom } from "../../system/clock.js";
import { describeFailure } from "../failure.js";

export async function brokerSection(bus: Settings["bus"]): Promise<readonly Check[]> {
  if (bus.url === "postgres") return [];
  const broker = await createBroker(bus, {
    clock: systemClock,
    random: systemRandom,
    telemetry: silent,
    instance: systemRandom.id(),
  });
  try {
    await broker.open();
    return [
      { name: "broker", state: "ok", detail: `${broker.traits.kind} answers` },
      durability(bus, broker.traits.kind),
    ];
  } catch (error) {
    const next = "start it, or correct bus.url (--bus, VALENCE_BUS_URL)";
    return [{ name: "broker", state: "fail", detail: describeFailure(error), next }];
  } finally {
    await broker.close();
  }
}

function durability({ replicas }: Settings["bus"], kind: string): Check {
  const name = "broker durability";
  if (kind === "amqp")
    return { name, state: "ok", detail: "quorum queues: safe against kill -9 and power loss" };
  if (replicas >= 3)
    return {
      name,
      state: "ok",
      detail: `${replicas} replicas: safe against kill -9 and the power loss of one server`,
    };
  return {
    name,
    state: "warn",
    detail: "one replica: safe against kill -9, not against power loss",
    next: "run a JetStream cluster with bus.replicas 3, or a server with sync_interval: always",
  };
}
