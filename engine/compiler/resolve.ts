/** Pass 3: every name in the definitions is looked up, once. */
import type { FlowDefinition, TransactionDefinition } from "../schema/definitions.js";
import { declared } from "./declared.js";
import { diagnostic } from "./diagnostics.js";
import type { ResolvedFlow, ResolvedTransaction } from "./model.js";
import type { Diagnostic, TypePlan } from "./plan.js";
import { resolveFlow } from "./resolve-flow.js";
import { resolveTransaction } from "./resolve-transaction.js";
import { resolveTypes } from "./resolve-types.js";
import type { Located, Shapes } from "./shape.js";
import type { Vocabulary } from "./vocabulary.js";

export interface Resolved {
  readonly transactions: readonly ResolvedTransaction[];
  readonly flows: readonly ResolvedFlow[];
  readonly types: readonly TypePlan[];
  readonly diagnostics: readonly Diagnostic[];
}

export function resolve(shapes: Shapes, vocabulary: Vocabulary): Resolved {
  const diagnostics: Diagnostic[] = [];
  const report = (found: Diagnostic): void => void diagnostics.push(found);

  reportTaken(shapes.transactions, "transaction", report);
  reportTaken(shapes.flows, "flow", report);

  const transactions = shapes.transactions.map(({ file, definition }) => ({
    name: definition.transaction,
    resolved: resolveTransaction(file, definition, vocabulary, report),
  }));
  const declaredTransactions = declared(
    shapes.broken.transactions,
    transactions.map(({ name, resolved }) => [name, resolved] as const),
  );
  const flows = shapes.flows.map(({ file, definition }) =>
    resolveFlow(file, definition, declaredTransactions, vocabulary, report),
  );
  const declaredFlows = declared(
    shapes.broken.flows,
    flows.map((flow) => [flow.name, flow] as const),
  );
  const types = resolveTypes(shapes.types, declaredFlows, vocabulary, report);
  return {
    transactions: transactions.flatMap(({ resolved }) => (resolved ? [resolved] : [])),
    flows,
    types,
    diagnostics,
  };
}

function reportTaken<K extends "flow" | "transaction">(
  located: readonly Located<K extends "flow" ? FlowDefinition : TransactionDefinition>[],
  kind: K,
  report: (found: Diagnostic) => void,
): void {
  const owner = new Map<string, string>();
  for (const { file, definition } of located) {
    const name = (definition as unknown as Readonly<Record<K, string>>)[kind];
    const first = owner.get(name);
    if (first === undefined) owner.set(name, file);
    else
      report(diagnostic("RESOLVE_NAME_TAKEN", { file, at: [kind] }, `${kind} "${name}" is also in ${first}`));
  }
}
