/** Runs one atom by itself. */
import { strict as assert } from "node:assert";
import { atoms } from "../../../atoms/index.js";
import type { AtomPorts } from "../../../atoms/define.js";
import type { AtomContext, AtomResult } from "../../../engine/atom.js";
import { deriveTimedId } from "../../../engine/ids.js";
import type { Row } from "../../../engine/ports/store.js";

export const runId = "019ca8d7-2d00-7000-8000-000000000001";
export const nowMs = 1_772_359_200_000;

const absent = (name: string) => (): never => assert.fail(`the atom has no business with ${name}`);
const noPorts: AtomPorts = {
  reference: new Proxy({} as AtomPorts["reference"], { get: () => absent("reference data") }),
  rows: { find: absent("rows") },
  webhooks: { send: absent("webhooks") },
  fronts: absent("channels"),
  channel: absent("channels"),
};

export interface AtomCall {
  readonly params?: Row;
  readonly ports?: Partial<AtomPorts>;
  readonly mode?: "run" | "inquire";
}

/** The atom's answer to `fields`, as the engine would ask it. */
export async function runAtom(
  name: string,
  fields: Row,
  { params = {}, ports = {}, mode = "run" }: AtomCall = {},
): Promise<AtomResult> {
  const atom = atoms.get(name);
  assert.ok(atom, `atom ${name} exists`);
  const context: AtomContext<AtomPorts> = {
    run: { runId, flow: "pay", type: "pay", stage: "s", hop: 1, acceptedAtMs: nowMs },
    params,
    ports: { ...noPorts, ...ports },
    nowMs,
    id: (n = 0) => deriveTimedId(runId, `1:0:${n}`),
    signal: new AbortController().signal,
    delivery: 1,
  };
  const call = mode === "inquire" ? atom.inquire : atom.run;
  assert.ok(call, `${name} can ${mode}`);
  return call(fields, context);
}

/** `orders processing,requires_action>paid`, `payments +sending`: the guards and moves an atom describes. */
export const moves = ({ writes = [] }: AtomResult): readonly string[] =>
  writes.map((write) =>
    write.kind === "transition"
      ? `${write.table} ${write.from.join(",")}>${write.to}`
      : `${write.table} +${String(write.row["status"])} ${write.exists}`,
  );
