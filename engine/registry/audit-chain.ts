/**
 * The chain of the audit, recomputed. Each line's hash covers all of its columns and the hash of the line before, so
 * that a line that was altered, removed, added or moved breaks the chain at that place; the head, kept apart, shows
 * that lines are missing at the end. The database computes the same when a line is written (migration 011); this
 * file shares no code with it.
 */
import { createHash } from "node:crypto";
import type { AuditHead, AuditLine, AuditStore } from "../ports/audit.js";

/** What stands before the first line. */
export const noHash = "0".repeat(64);

/** Lines read at a time. */
const chunkLines = 1_000;

/** Length in bytes, then the text: no two lists of columns read the same. */
const part = (value: string | null): string =>
  value === null ? "-" : `${Buffer.byteLength(value, "utf8")}:${value}`;

/** The text a line's hash covers. */
const auditText = (line: Omit<AuditLine, "hash">): string =>
  `valence-audit-1${[
    ...[String(line.seq), line.previous, line.auditId, line.atMicros, line.who, line.action],
    ...[line.subject, line.before, line.after, line.reason],
  ]
    .map(part)
    .join("")}`;

const auditHash = (line: Omit<AuditLine, "hash">): string =>
  createHash("sha256").update(auditText(line), "utf8").digest("hex");

/**
 * What is wrong with the first line that is not what it was: `missing`, or only at the end (`witness`: an end that was
 * seen earlier); `altered`; `unlinked`: it follows another line than the one before; `repeated`: its number was given
 * twice; `head`: the head is gone or names another line; `outside`: there are more lines than the chain has.
 */
export type AuditFlaw = "missing" | "altered" | "unlinked" | "repeated" | "head" | "outside" | "witness";

export type AuditVerdict =
  | { readonly sound: true; readonly lines: number; readonly head: AuditHead }
  | {
      readonly sound: false;
      /** Of the first line that is not what it was. */
      readonly seq: number;
      readonly flaw: AuditFlaw;
      readonly why: string;
      /** Lines before it, all of them sound. */
      readonly lines: number;
    };

/** Why `line` cannot follow `before`; undefined when it can. */
function flawOf(before: AuditHead, line: AuditLine): readonly [AuditFlaw, string] | undefined {
  if (line.seq > before.seq + 1) return ["missing", `line ${before.seq + 1} is missing`];
  if (line.seq <= before.seq) return ["repeated", "its number was given twice"];
  if (line.previous !== before.hash) return ["unlinked", "it does not follow the line before"];
  if (auditHash(line) !== line.hash) return ["altered", "its hash does not match its content"];
  return undefined;
}

/**
 * Walks the whole chain and stops at the first flaw. `witness`: a head that was seen earlier, in a log say; the chain
 * must still go through it. Lines added meanwhile are not looked at.
 */
export async function verifyAudit(
  store: Pick<AuditStore, "extent" | "lines">,
  witness?: AuditHead,
): Promise<AuditVerdict> {
  const { head, count } = await store.extent();
  let before: AuditHead = { seq: 0, hash: noHash };
  const broken = (seq: number, flaw: AuditFlaw, why: string): AuditVerdict => ({
    ...{ sound: false, seq, flaw, why, lines: before.seq },
  });
  if (!head) return broken(0, "head", "the head of the chain is gone");
  const differs = (at: AuditHead): boolean => at.seq === witness?.seq && at.hash !== witness.hash;
  while (before.seq < head.seq) {
    const next = before.seq + 1;
    const lines = (await store.lines(before.seq, chunkLines)).filter(({ seq }) => seq <= head.seq);
    if (lines.length === 0) return broken(next, "missing", `lines ${next} to ${head.seq} are missing`);
    for (const line of lines) {
      const flaw = flawOf(before, line);
      if (flaw) return broken(Math.min(line.seq, before.seq + 1), ...flaw);
      before = { seq: line.seq, hash: line.hash };
      if (differs(before))
        return broken(before.seq, "witness", "it is not the line that was seen under its number");
    }
  }
  if (before.hash !== head.hash) return broken(head.seq, "head", "it is not the line the head names");
  const next = head.seq + 1;
  if (count !== head.seq) return broken(next, "outside", `${count - head.seq} lines stand outside the chain`);
  if (witness && witness.seq > head.seq)
    return broken(next, "witness", `lines ${next} to ${witness.seq}, which were seen, are missing`);
  return { sound: true, lines: before.seq, head };
}
