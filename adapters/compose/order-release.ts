/** A parked run goes on where a person says, with what the person has decided. */
import { vocabulary } from "../../atoms/index.js";
import type { Plan } from "../../engine/compiler/plan.js";
import { ValenceError } from "../../engine/errors.js";
import type { Row } from "../../engine/ports/index.js";
import { runMessageId } from "../../engine/runtime/message.js";
import { releaseRun } from "../../engine/runtime/release.js";
import { decisionsIn } from "../../engine/runtime/story-stages.js";
import { validator } from "../../engine/schema/validate.js";
import type { ActionDone, AskedRelease } from "../http/admin/order-services.js";
import type { Kernel } from "./kernel.js";
import { carryOut, doneBefore, type Request } from "./order-actions.js";

/** @throws ValenceError see `OrderServices.release` */
export async function release(kernel: Kernel, asked: AskedRelease): Promise<ActionDone> {
  const { store, catalogue, random, clock, bus } = kernel;
  const { runId, actionId, by, stage, decided = {} } = asked;
  const run = await store.find("runs", { runId });
  if (!run) throw new ValenceError("not_found", `there is no run ${runId}`);
  const orderId = run["orderId"] === null ? null : String(run["orderId"]);
  const input = { runId, ...(stage === undefined ? {} : { stage }), decided };
  const request: Request = { action: "release", actionId, by, orderId, subject: `run ${runId}`, input };
  const before = await doneBefore(kernel, request);
  if (before) return before;
  const plan = await catalogue.plan(String(run["planHash"]));
  if (!plan) throw new ValenceError("plan_unknown", `the plan of run ${runId} is not stored`);
  const auditId = random.id();
  const released = releaseRun({ run, plan, stage, decided, ...by, auditId, nowMs: clock.nowMs() });
  checkDecided(plan, released.stage, decided);
  // The letter that parked it goes first: replayed after the release it would be a second message of the same run.
  // Should this process die in between, the run is still parked and can still be released.
  await bus.discard([runMessageId(runId, Number(run["hop"]))]);
  const { stage: to, queue, unit } = released;
  const [open, audit] = unit.writes;
  const answer = { will: `run ${runId} goes on in ${to}, on queue ${queue}`, runId, stage: to, queue };
  const planned = { answer, writes: open ? [open] : [], publish: unit.publish };
  return carryOut(kernel, request, planned, audit).catch((error: unknown) => {
    if (error instanceof ValenceError && error.code === "action_impossible")
      throw new ValenceError("run_not_parked", `somebody else released run ${runId}`);
    throw error;
  });
}

/** A person writes what a person decides, and only where it is read. */
function checkDecided(plan: Plan, stageName: string, decided: Row): void {
  const stage = plan.stages[stageName];
  const known = stage?.kind === "transaction" ? decisionsIn(stage, vocabulary) : {};
  for (const [name, value] of Object.entries(decided)) {
    if (!Object.hasOwn(known, name)) {
      const choices = Object.keys(known).join(", ") || "nothing";
      throw new ValenceError(
        "field_invalid",
        `/decided/${name}: stage ${stageName} lets a person decide ${choices}`,
      );
    }
    const spec = vocabulary.dictionary[name];
    const [wrong] = spec ? validator(spec.schema)(value) : [];
    if (wrong) throw new ValenceError("field_invalid", `/decided/${name}: ${wrong.message}`);
  }
}
