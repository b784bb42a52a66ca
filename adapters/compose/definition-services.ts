/** What the admin API serves about definitions, on this process's kernel. */
import { atoms, vocabulary } from "../../atoms/index.js";
import type { AtomPorts } from "../../atoms/define.js";
import { difference } from "../../engine/compiler/difference.js";
import { draftType } from "../../engine/compiler/draft-type.js";
import type { Plan } from "../../engine/compiler/plan.js";
import { ValenceError } from "../../engine/errors.js";
import type { ApplyResult } from "../../engine/registry/definitions.js";
import { viewVocabulary } from "../../engine/registry/vocabulary-view.js";
import { ShadowReplay } from "../../engine/shadow/shadow.js";
import type { DefinitionServices } from "../http/admin/definition-services.js";
import { PostgresRecordings } from "../store/postgres/recordings.js";
import { PostgresRunCounts } from "../store/postgres/run-counts.js";
import type { Kernel } from "./kernel.js";

/** A replay begins no further run after this long: somebody waits for the answer. */
const replayBudgetMs = 5_000;

export function definitionServices(kernel: Kernel): DefinitionServices {
  const { definitions, definitionStore, catalogue, registry } = kernel;
  const shadow = shadowOf(kernel);
  const counter = new PostgresRunCounts(kernel.database.pool);
  const inForce = async (result: ApplyResult): Promise<ApplyResult> => {
    if (result.applied) await kernel.configChanged();
    return result;
  };
  return {
    atoms,
    check: (files) => definitions.check(files),
    apply: async (files, by, expected) => inForce(await definitions.apply(files, by, expected)),
    rollback: async (flow, by, expected) => inForce(await definitions.rollback(flow, by, expected)),
    rollbackTo: async (version, by, expected) => inForce(await definitions.rollbackTo(version, by, expected)),
    flows: () => definitions.list(),
    active: () => definitions.active(),
    history: () => definitions.history(),
    version: (version) => definitions.version(version),
    counts: (flow) => counter.counts(flow),
    perMinute: () => counter.perMinute(),
    planOf: (type) => catalogue.type(type)?.plan,
    planIn: (flow, version) => planIn(kernel, flow, version),
    compare: async (files) => {
      const result = definitions.check(files);
      if (!result.ok) return result;
      const active = await definitions.active();
      const plans = await plansOf(kernel, Object.values(active?.flows ?? {}));
      return { ok: true, ...difference({ plans, types: active?.types ?? [] }, result.compiled) };
    },
    replay: async ({ files, flow, count }, signal) => {
      const result = definitions.check(files);
      if (!result.ok) return result;
      const { compiled } = result;
      const report = await shadow.replay({ compiled, flow, count, budgetMs: replayBudgetMs, signal });
      return { ok: true, ...report };
    },
    draftType: async (files, type, definition) =>
      draftType(files ?? (await definitionStore.active())?.files ?? [], type, definition),
    vocabulary: async () => viewVocabulary(vocabulary, await registry.live()),
  };
}

async function planIn(kernel: Kernel, flow: string, version: number | undefined): Promise<Plan> {
  const { definitions } = kernel;
  const set = version === undefined ? await definitions.active() : await definitions.version(version);
  const hash = set && Object.hasOwn(set.flows, flow) ? set.flows[flow] : undefined;
  const [plan] = await plansOf(kernel, hash === undefined ? [] : [hash]);
  if (!plan) throw new ValenceError("not_found", `there is no flow ${flow} in these definitions`);
  return plan;
}

async function plansOf({ catalogue }: Kernel, hashes: readonly string[]): Promise<readonly Plan[]> {
  const plans = await Promise.all(hashes.map((hash) => catalogue.plan(hash)));
  return plans.flatMap((plan) => (plan ? [plan] : []));
}

/** What atoms see in a replay: reference data as it is now, and nothing that could be called. */
function shadowOf({ database, catalogue, clock, reference }: Kernel): ShadowReplay {
  const refuse = (what: string): never => {
    throw new Error(`a replay does not ${what}`);
  };
  const atomPorts: AtomPorts = {
    reference,
    rows: { find: () => refuse("look at rows") },
    webhooks: { send: () => refuse("call a merchant") },
    // As in the channel's own module.
    fronts: () => true,
    channel: () => refuse("call a channel"),
  };
  const recordings = new PostgresRecordings(database.pool);
  const { dictionary } = vocabulary;
  return new ShadowReplay({ recordings, catalogue, atoms, dictionary, atomPorts, clock });
}
