/** What is told of an activation without showing what is written in it: who, when, why, what has changed. */
import { canonicalJson } from "../compiler/canonical.js";
import type { Author } from "../ports/author.js";
import type { DefinitionLine } from "../ports/definitions.js";

/** One activation. */
export interface VersionLine extends Author {
  readonly version: number;
  readonly atMs: number;
  /** `flow pay`, `type gift`, `type gift (removed)`: against the version before. */
  readonly changed: readonly string[];
}

/** The set in which a plan came into force, when that was, and who did it. */
export interface FlowSince {
  readonly sinceVersion: number;
  readonly sinceMs: number;
  readonly author: string;
}

/** Since when the flow has this plan. `history`: newest first. */
export const since = (history: readonly DefinitionLine[], flow: string, hash: string): FlowSince => {
  const other = history.findIndex((set) => set.flows[flow] !== hash);
  const set = other === -1 ? history.at(-1) : history[other - 1];
  return { sinceVersion: set?.version ?? 0, sinceMs: set?.activatedAtMs ?? 0, author: set?.author ?? "" };
};

export const versionLine = (line: DefinitionLine, before: DefinitionLine | undefined): VersionLine => {
  const { version, author, reason, activatedAtMs: atMs } = line;
  return { version, author, reason, atMs, changed: changes(before, line) };
};

/** Types and plans that are, or will be, in force. */
type InForce = Pick<DefinitionLine, "flows" | "types">;

export function changes(before: InForce | undefined, { flows, types }: InForce): readonly string[] {
  const had = new Map(before?.types.map((type) => [type.type, canonicalJson(type)]));
  return [
    ...Object.entries(flows).flatMap(([flow, hash]) =>
      before?.flows[flow] === hash ? [] : [`flow ${flow}`],
    ),
    ...Object.keys(before?.flows ?? {}).flatMap((flow) => (flow in flows ? [] : [`flow ${flow} (removed)`])),
    ...types.flatMap((type) => (had.get(type.type) === canonicalJson(type) ? [] : [`type ${type.type}`])),
    ...[...had.keys()].flatMap((type) =>
      types.some((each) => each.type === type) ? [] : [`type ${type} (removed)`],
    ),
  ];
}
