/** `valence audit …`: what operators changed, and whether anybody changed what was written about it. */
import { type Command, InvalidArgumentError } from "commander";
import type { AuditEntry, AuditHead } from "../../engine/ports/index.js";
import type { AuditVerdict } from "../../engine/registry/audit-chain.js";
import { adminTarget, callAdmin } from "./admin-client.js";
import { Failed } from "./failure.js";
import { dataOption, jsonOption } from "./options.js";
import { printJson, table, time } from "./print.js";

interface Options {
  readonly data?: string;
  readonly json?: true;
}

interface ListOptions extends Options {
  readonly who?: string;
  readonly action?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
}

export function addAudit(program: Command): void {
  const audit = program.command("audit").description("what operators changed: who, when, from, to, why");
  audit
    .command("list")
    .description("the newest lines, newest first")
    .option("--who <name>", "only what this person did")
    .option("--action <start>", "only actions that begin so: user. finds user.create")
    .option("--from <time>", "not before this time, such as 2026-01-31T08:00:00Z")
    .option("--to <time>", "before this time")
    .option("--limit <lines>", "how many at most", "50")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(list);
  audit
    .command("verify")
    .description("recompute the chain of hashes; exit 1 and the first broken line when it is not sound")
    .option(
      "--witness <seq:hash>",
      "a head seen earlier (event audit.head in the log) the chain must go through",
      headOf,
    )
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(verify);
}

function headOf(text: string): AuditHead {
  const [, seq, hash] = /^([1-9]\d*):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined)
    throw new InvalidArgumentError("Give the number of a line, a colon and its hash.");
  return { seq: Number(seq), hash };
}

async function list({ data, json, ...filter }: ListOptions): Promise<void> {
  const query = new URLSearchParams({ ...filter });
  const path = `/admin/v1/audit?${query.toString()}`;
  const { entries } = await callAdmin<{ entries: readonly AuditEntry[] }>(adminTarget(data), "GET", path);
  if (json) return printJson(entries);
  const rows = entries.map(({ seq, atMs, who, action, subject, reason }) => [
    ...[seq, time(atMs), who, action, subject, reason],
  ]);
  process.stdout.write(table(["line", "at", "who", "did", "to", "why"], rows, "nothing was found"));
}

async function verify({ data, json, witness }: Options & { readonly witness?: AuditHead }): Promise<void> {
  const query = witness ? `?seq=${witness.seq}&hash=${witness.hash}` : "";
  const path = `/admin/v1/audit/verify${query}`;
  const verdict = await callAdmin<AuditVerdict>(adminTarget(data), "GET", path);
  if (json) printJson(verdict);
  else process.stdout.write(textOf(verdict));
  if (!verdict.sound) throw new Failed();
}

const textOf = (verdict: AuditVerdict): string =>
  verdict.sound
    ? `sound: ${verdict.lines} lines, head ${verdict.head.seq}:${verdict.head.hash}\n`
    : `broken at line ${verdict.seq}: ${verdict.why}; the ${verdict.lines} lines before are sound\n`;
