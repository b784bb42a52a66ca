/** A proof as people read it: every point that was tried, and what differs where something does. */
import type { Proof, Tried } from "./prove.js";

/** Lines: `scenario`, then one per stage and point with how often it was tried and what came of it. */
export function describeProof(proof: Proof): string {
  const { type, flow, scenarios, unreached, tried, left } = proof;
  const failed = tried.filter(({ differs }) => differs.length > 0);
  const lines = [
    ...tableOf(tried),
    "",
    ...failed.flatMap((each) => [
      `DIFFERS  ${each.bus}  ${pointOf(each)}, time ${each.passed.nth}`,
      `  in ${each.scenario}`,
      ...each.differs.map((line) => `    ${line}`),
      "",
    ]),
    ...(unreached.length === 0
      ? []
      : ["not reached by anything the world can do here:", ...unreached.map((each) => `  ${each}`), ""]),
    `${type === flow ? type : `${type} (flow ${flow})`}: ${scenarios} scenarios, ${tried.length} crashes tried, ` +
      `${failed.length} differ${left === 0 ? "" : `, ${left} left out`}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** `pay/charge step 2  intent-committed`; a signal that ends a wait has no stage, and what a process sends no run. */
const pointOf = ({ passed, again }: Tried): string => {
  const { point, flow, stage, step } = passed;
  const where = flow === "" ? "any" : `${flow}/${stage === "" ? "(wait)" : stage}`;
  return `${where}${step === undefined ? "" : ` step ${step}`}  ${point}${again ? ", a second time" : ""}`;
};

/** One row per crash point of the plan: tried so often, in so many scenarios. */
function tableOf(tried: readonly Tried[]): readonly string[] {
  const rows = new Map<string, Tried[]>();
  for (const each of tried) {
    const key = `${each.bus}  ${pointOf(each)}`;
    rows.set(key, [...(rows.get(key) ?? []), each]);
  }
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, all]) => {
      const differ = all.filter(({ differs }) => differs.length > 0).length;
      return `${key.padEnd(56)}  ${String(all.length).padStart(4)} tried  ${differ === 0 ? "ok" : `${differ} DIFFER`}`;
    });
}
