/** What a world in memory has recorded, and the shadow replay over it. */
import assert from "node:assert/strict";
import { vocabulary } from "../../../atoms/index.js";
import type { AtomPorts } from "../../../atoms/define.js";
import type { Atom } from "../../../engine/atom.js";
import { compile } from "../../../engine/compiler/compile.js";
import type { RecordedPoint, RecordedRun, RecordedSignal } from "../../../engine/ports/recordings.js";
import { ShadowReplay, type ShadowReport } from "../../../engine/shadow/shadow.js";
import { systemClock } from "../../../adapters/system/clock.js";
import type { World } from "./world.js";

/** Runs of a flow that are over, newest first, as a database would give them. */
export function recordedRuns({ database }: World, flow: string): readonly RecordedRun[] {
  return database
    .rows("runs")
    .filter((row) => row["flow"] === flow && ["ended", "parked"].includes(String(row["state"])))
    .map((row) => ({
      runId: String(row["runId"]),
      flow,
      type: String(row["type"]),
      planHash: String(row["planHash"]),
      state: row["state"] as RecordedRun["state"],
      reason: String(row["reason"]),
      createdAtMs: Number(row["createdAt"]),
      journal: pointsOf(database.journalOf(String(row["runId"]))),
      signals: database
        .rows("signals")
        .filter(({ runId, state }) => runId === row["runId"] && state === "taken")
        .map(
          ({ givenAt, ...signal }) =>
            ({ ...signal, givenAtMs: Number(givenAt) }) as unknown as RecordedSignal,
        ),
    }))
    .toReversed();
}

const pointsOf = (journal: readonly RecordedPoint[]): readonly RecordedPoint[] =>
  journal.filter(({ kind }) => kind !== "mark").toSorted((a, b) => a.hop - b.hop || a.point - b.point);

/** Plays what the world has recorded of a flow through `files`. Whatever reaches for the outside fails the test. */
export async function shadowOf(
  world: World,
  flow: string,
  files: Readonly<Record<string, string>>,
  options: {
    readonly budgetMs?: number;
    readonly signal?: AbortSignal;
    readonly runs?: readonly RecordedRun[];
  } = {},
): Promise<ShadowReport> {
  const given = Object.entries(files).map(([path, text]) => ({ path, text }));
  const result = compile(given, vocabulary);
  assert.ok(result.ok, JSON.stringify(result));
  const reached = (): never => assert.fail("a replay has reached the outside");
  const atomPorts: AtomPorts = {
    reference: world.reference,
    rows: { find: reached },
    webhooks: { send: reached },
    fronts: () => true,
    channel: reached,
  };
  const shadow = new ShadowReplay({
    recordings: { last: async (_flow, count) => (options.runs ?? recordedRuns(world, flow)).slice(0, count) },
    catalogue: world.host.catalogue,
    atoms: vocabulary.atoms as ReadonlyMap<string, Atom<never>>,
    dictionary: vocabulary.dictionary,
    atomPorts,
    clock: systemClock,
  });
  const { budgetMs = 60_000, signal = new AbortController().signal } = options;
  return shadow.replay({ compiled: result.compiled, flow, count: 200, budgetMs, signal });
}
