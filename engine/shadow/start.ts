/** What a recorded run would begin with under other definitions: its own input, with the presets of its type then. */
import { canonicalJson } from "../compiler/canonical.js";
import type { Compiled, Plan } from "../compiler/plan.js";
import type { Row } from "../ports/store.js";
import type { Catalogue } from "../registry/catalogue.js";
import { merged } from "../rows.js";
import type { Recording } from "./recording.js";

export type Start = { readonly before: Row; readonly after: Row } | { readonly why: string };

export function startOf(
  { input, run }: Recording,
  plan: Plan,
  { types }: Compiled,
  catalogue: Pick<Catalogue, "type">,
): Start {
  if (!input) return { why: "what the run began with was not kept" };
  const now = catalogue.type(run.type);
  // A run that an event has started has the type of the run that announced it, and none of its presets.
  const isOfType = now?.plan.flow === run.flow;
  const then = types.find(({ type }) => type === run.type);
  if (isOfType && then?.flow !== run.flow)
    return { why: `there would be no transaction type ${run.type} of this flow` };
  const after = isOfType && then ? preset(input, now.set, then.set) : input;
  const missing = plan.input.filter((name) => after[name] === undefined);
  if (missing.length > 0)
    return { why: `the request had no ${missing.join(", ")}, which the flow would need` };
  return { before: input, after };
}

function preset(input: Row, before: Row, after: Row): Row {
  if (canonicalJson(before) === canonicalJson(after)) return input;
  const sent = Object.entries(input).filter(([name]) => !Object.hasOwn(before, name));
  return merged(Object.fromEntries(sent), after);
}
