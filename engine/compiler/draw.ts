/** A plan as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html). */
import { placeKey, stagesInOrder } from "./plan-order.js";
import type { Plan, PlanStage, Target } from "./plan.js";

/** Stages are boxes, waits are hexagons, ends are rounded, parks are slanted. The same plan gives the same text. */
export function drawFlow(plan: Plan): string {
  const nodes = new Map<string, string>();
  const idOf = (key: string): string => {
    if (!nodes.has(key)) nodes.set(key, `n${nodes.size}`);
    return nodes.get(key)!;
  };
  const lines = ["flowchart TD", `  start(("${label(plan.flow)}")) --> ${idOf(`stage:${plan.start}`)}`];
  for (const [name, stage] of stagesInOrder(plan))
    lines.push(`  ${idOf(`stage:${name}`)}${box(name, stage)}`);
  const terminals = new Set<string>();
  for (const [name, stage] of stagesInOrder(plan)) {
    for (const [outcome, target] of Object.entries(stage.on)) {
      const id = idOf(placeKey(target));
      if (target.to !== "stage" && !terminals.has(id)) {
        terminals.add(id);
        lines.push(`  ${id}${terminal(target)}`);
      }
      lines.push(`  ${idOf(`stage:${name}`)} -->|"${label(outcome)}"| ${id}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function box(name: string, stage: PlanStage): string {
  const bound = stage.entriesMax === undefined ? "" : `<br/>at most ${stage.entriesMax} times`;
  if (stage.kind === "wait") return `{{"${label(name)}<br/>${label(stage.wait)}${bound}"}}`;
  return `["${label(name)}<br/>${label(stage.transaction)}<br/>${label(stage.queue)}${bound}"]`;
}

const terminal = (target: Exclude<Target, { readonly to: "stage" }>): string =>
  target.to === "end" ? `(["${label(target.state)}"])` : `[/"${label(target.reason)}"/]`;

/** Mermaid reads `#...;` as an entity and a quote as the end of the text. */
const label = (text: string): string =>
  text.replace(/[#"<>{}]/g, (character) => `#${character.codePointAt(0)};`);
