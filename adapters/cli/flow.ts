/** `valence flow …`: definitions checked and drawn offline, put in force on the running system. */
import { type Command, Option } from "commander";
import { describePlan, summarizePlan } from "../../engine/compiler/describe.js";
import { drawFlow } from "../../engine/compiler/draw.js";
import { formatDiagnostic } from "../../engine/compiler/diagnostics.js";
import type { Diagnostic, Plan } from "../../engine/compiler/plan.js";
import type { FlowState } from "../../engine/registry/definitions.js";
import { AdminRefusal, adminTarget, callAdmin, defaultAuthor } from "./admin-client.js";
import { Failed } from "./failure.js";
import { addFlowProve } from "./flow-prove.js";
import { authorOption, dataOption, jsonOption, reasonOption } from "./options.js";
import { printJson, table } from "./print.js";

interface ReadOptions {
  readonly data?: string;
  readonly json?: true;
  readonly live?: true;
}

interface ChangeOptions extends ReadOptions {
  readonly reason: string;
  readonly author?: string;
}

interface Applied {
  readonly applied: true;
  readonly version: number;
  readonly changed: readonly string[];
}

const dirArgument = ["[dir]", "folder of the definitions", "flows"] as const;
const liveOption = (): Option =>
  new Option("--live", "what is in force on the running system, not what stands in a folder");

export function addFlow(program: Command): void {
  const flow = program
    .command("flow")
    .description("definitions: check, plan, draw, prove, apply, list, rollback");
  flow
    .command("check")
    .description(
      "compile definitions; says file:pointer CODE message (hint) on stderr, exit 1 if anything is wrong",
    )
    .argument(...dirArgument)
    .addOption(jsonOption())
    .action(check);
  flow
    .command("plan")
    .description("the compiled plan of a transaction type, with barriers and commits")
    .argument("<type>")
    .argument(...dirArgument)
    .addOption(liveOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (type: string, dir: string, options: ReadOptions) => {
      const plan = await planOf(type, dir, options);
      if (options.json) printJson({ plan, summary: summarizePlan(plan) });
      else process.stdout.write(describePlan(plan));
    });
  flow
    .command("draw")
    .description("the flow of a transaction type as Mermaid text")
    .argument("<type>")
    .argument(...dirArgument)
    .addOption(liveOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (type: string, dir: string, options: ReadOptions) => {
      const drawing = drawFlow(await planOf(type, dir, options));
      if (options.json) printJson({ type, mermaid: drawing });
      else process.stdout.write(drawing);
    });
  addFlowProve(flow);
  flow
    .command("apply")
    .description("put definitions in force on the running system, all of them or none, without a restart")
    .argument(...dirArgument)
    .addOption(reasonOption())
    .addOption(authorOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (dir: string, options: ChangeOptions) => {
      const { definitionsIn } = await import("./flow-offline.js");
      await change("/admin/v1/flows/apply", options, { files: definitionsIn(dir) });
    });
  flow
    .command("list")
    .description("flows and transaction types in force on the running system")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(list);
  flow
    .command("rollback")
    .description("return one flow to what it was before its last change")
    .argument("<flow>")
    .addOption(reasonOption())
    .addOption(authorOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (name: string, options: ChangeOptions) => {
      await change(`/admin/v1/flows/${encodeURIComponent(name)}/rollback`, options, {});
    });
}

async function check(dir: string, { json }: ReadOptions): Promise<void> {
  const { compileIn } = await import("./flow-offline.js");
  const result = compileIn(dir);
  if (!result.ok) {
    if (json) printJson({ ok: false, diagnostics: result.diagnostics });
    else reportDiagnostics(result.diagnostics);
    throw new Failed();
  }
  const { plans, types } = result.compiled;
  if (json) printJson({ ok: true, flows: plans.map(({ flow, hash }) => ({ flow, hash })), types });
  else process.stdout.write(`sound: ${plans.length} flows, ${types.length} transaction types\n`);
}

async function planOf(type: string, dir: string, { live, data }: ReadOptions): Promise<Plan> {
  if (!live) {
    const { planIn } = await import("./flow-offline.js");
    return planIn(dir, type);
  }
  const path = `/admin/v1/flows/plan/${encodeURIComponent(type)}`;
  return (await callAdmin<{ plan: Plan }>(adminTarget(data), "GET", path)).plan;
}

async function list({ data, json }: ReadOptions): Promise<void> {
  const { flows } = await callAdmin<{ flows: readonly FlowState[] }>(
    adminTarget(data),
    "GET",
    "/admin/v1/flows",
  );
  if (json) return printJson(flows);
  const rows = flows.map(({ flow, title, hash, types, sinceVersion }) => [
    flow,
    types.join(", "),
    `version ${sinceVersion}`,
    hash.slice(0, 12),
    title,
  ]);
  process.stdout.write(
    table(["flow", "types", "since", "plan", "title"], rows, "no definitions are in force"),
  );
}

async function change(path: string, options: ChangeOptions, body: object): Promise<void> {
  const { data, json, reason, author = defaultAuthor() } = options;
  try {
    const applied = await callAdmin<Applied>(adminTarget(data), "POST", path, { ...body, author, reason });
    if (json) printJson(applied);
    else {
      const changed = applied.changed.length === 0 ? "nothing changed" : applied.changed.join(", ");
      process.stdout.write(`version ${applied.version} is in force: ${changed}\n`);
    }
  } catch (error) {
    const diagnostics = error instanceof AdminRefusal ? error.body["diagnostics"] : undefined;
    if (Array.isArray(diagnostics)) {
      if (json) printJson({ applied: false, diagnostics });
      else reportDiagnostics(diagnostics as readonly Diagnostic[]);
    }
    throw error;
  }
}

/** One line each: `file:pointer CODE message (hint)`. */
function reportDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
}
