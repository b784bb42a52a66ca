/** `valence flow prove <type>`: stops the flow at every crash point and compares. Offline: it needs no running system. */
import { type Command, InvalidArgumentError } from "commander";
import { CannotDo, Failed } from "./failure.js";
import { jsonOption } from "./options.js";
import { printJson } from "./print.js";

interface ProveOptions {
  readonly flows: string;
  readonly max?: number;
  readonly thorough?: true;
  readonly twice?: true;
  readonly json?: true;
}

export function addFlowProve(flow: Command): void {
  flow
    .command("prove")
    .description(
      "stop a flow at every crash point, in every scenario its plan has, and compare with the uninterrupted run",
    )
    .argument("<type>", "transaction type, or a flow that a topic starts")
    .option("--flows <dir>", "folder of the definitions", "flows")
    .option("--max <crashes>", "try no more than these", positive)
    .option("--thorough", "let loops go round as often as the flow allows, not eight times")
    .option("--twice", "kill the process that recovers, too, at each of the next points")
    .addOption(jsonOption())
    .action(proveType);
}

async function proveType(type: string, { flows, max, thorough, twice, json }: ProveOptions): Promise<void> {
  const { compileIn, memoryProduct, prepare, prove, describeProof } = await import("./flow-prove-offline.js");
  const result = compileIn(flows);
  if (!result.ok)
    throw new CannotDo(`the definitions in ${flows} are not sound; valence flow check ${flows} shows why`);
  const production = await prepare(memoryProduct(flows), thorough === true);
  const known = [...production.types.map((each) => each.type), ...production.plans.map((plan) => plan.flow)];
  if (!known.includes(type)) throw new CannotDo(`there is no transaction type or flow ${type} in ${flows}`);
  const proof = await prove(production, type, {
    ...(max === undefined ? {} : { casesMax: max }),
    twice: twice === true,
    progress: (done, of) => process.stderr.write(`${done} of ${of} crashes tried\n`),
  });
  if (json) printJson(proof);
  else process.stdout.write(describeProof(proof));
  if (proof.tried.some(({ differs }) => differs.length > 0)) throw new Failed();
}

function positive(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError("it is a number of at least 1");
  return count;
}
