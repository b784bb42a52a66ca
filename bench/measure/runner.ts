/** The real worker on the smallest ports there can be: one delivery after the other, nothing is kept. */
import { MemoryBroker, MemoryBus } from "../../adapters/memory/bus.js";
import { MemoryDatabase } from "../../adapters/memory/database.js";
import { systemClock, systemRandom } from "../../adapters/system/clock.js";
import type { Plan } from "../../engine/compiler/plan.js";
import type { Vocabulary } from "../../engine/compiler/vocabulary.js";
import type { Atom } from "../../engine/atom.js";
import type { Delivery } from "../../engine/ports/bus.js";
import type { Row, Store } from "../../engine/ports/store.js";
import type { Telemetry } from "../../engine/ports/telemetry.js";
import type { Catalogue } from "../../engine/registry/catalogue.js";
import { neverCrash } from "../../engine/runtime/crash-points.js";
import { startMessage } from "../../engine/runtime/message.js";
import { engineTables } from "../../engine/runtime/tables.js";
import { Worker } from "../../engine/runtime/worker.js";

/** Runs `count` transactions. Resolves with microseconds per transaction. @throws Error when one did not end */
export type Runner = (count: number) => Promise<number>;

function forgetfulStore(database: MemoryDatabase): Store & { commits: number } {
  return {
    commits: 0,
    commit() {
      this.commits += 1;
      return Promise.resolve({ result: "committed" });
    },
    shape: (table) => database.shape(table),
    find: () => Promise.resolve(undefined),
    journal: () => Promise.resolve([]),
    pendingSignals: () => Promise.resolve([]),
  };
}

const catalogueOf = (plan: Plan): Catalogue => ({
  version: 1,
  types: () => [],
  type: () => undefined,
  plans: () => [plan],
  plan: () => Promise.resolve(plan),
  onChange: () => () => undefined,
});

/** Messages of fresh runs, as the bus would hand them out. */
function deliveryOf(plan: Plan, fields: Row): Delivery {
  const run = { runId: systemRandom.id(), type: "bench", acceptedAtMs: systemClock.nowMs(), fields };
  const message = startMessage(plan, run, {});
  return { ...message, token: run.runId, deliveryCount: 1, expired: false, queueWaitMs: 0 };
}

export function runner(plan: Plan, fields: Row, vocabulary: Vocabulary, telemetry: Telemetry): Runner {
  const ports = { clock: systemClock, random: systemRandom };
  const database = new MemoryDatabase(systemClock, engineTables, {});
  const store = forgetfulStore(database);
  const worker = new Worker({
    ports: {
      ...{ ...ports, store, telemetry, crash: neverCrash, atomPorts: undefined },
      bus: new MemoryBus(new MemoryBroker({ ...ports, database }), "bench", systemClock),
      catalogue: catalogueOf(plan),
    },
    atoms: vocabulary.atoms as ReadonlyMap<string, Atom<never>>,
    dictionary: vocabulary.dictionary,
  });
  return async (count) => {
    const deliveries = Array.from({ length: count }, () => deliveryOf(plan, fields));
    const before = store.commits;
    const startedMs = performance.now();
    for (const delivery of deliveries) await worker.handle(delivery);
    const elapsedMs = performance.now() - startedMs;
    // A transaction that fails is released, and would look fast.
    if (store.commits - before !== count) throw new Error(`${store.commits - before} of ${count} ended`);
    return (elapsedMs * 1000) / count;
  };
}
