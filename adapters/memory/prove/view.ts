/**
 * What has become of the world, as lines that can be compared: rows, what institutions executed, what the merchant was
 * told, what is left over. Ids and times are left out, for they may differ, and so may words about how a thing was
 * learned (a reply or an inquiry): what is true may not.
 */
import type { Row, TableSpec } from "../../../engine/ports/store.js";
import type { WebhookRequest } from "../../../engine/ports/delivery.js";

/** Lines by section (`orders`, `ledger` ...), sorted: what happened first is up to whoever was faster. */
export type View = Readonly<Record<string, readonly string[]>>;

export interface Remains {
  /** Rows by table. */
  readonly rows: ReadonlyMap<TableSpec, readonly Row[]>;
  readonly ledger: readonly string[];
  readonly sent: readonly WebhookRequest[];
  readonly messages: number;
}

/** Evidence, and words: they tell how and when something was learned. */
const telling: ReadonlySet<string> = new Set(["detail", "message", "answerDetail", "timestamp"]);
/** Bookkeeping of the engine about the way it went, and evidence of signals that came late. */
const ways: ReadonlySet<string> = new Set(["timers", "signals", "audit"]);
/** Columns that say what has become of a row, where the others say how. */
const shownColumns: Readonly<Record<string, readonly string[]>> = {
  runs: ["flow", "type", "state", "stage", "reason"],
  deadLetters: ["queue", "type", "reason"],
};

const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g;
const isoTime = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

export function viewOf({ rows, ledger, sent, messages }: Remains): View {
  const names = namesOf(rows);
  const sections = [...rows]
    .filter(([{ name }]) => !ways.has(name))
    .map(([spec, all]) => [spec.name, all.map((row) => rowLine(spec, row, names)).sort()] as const);
  const told = new Map(sent.map(({ webhookId, body }) => [webhookId, body]));
  return {
    ...Object.fromEntries(sections),
    ledger: [...ledger].sort(),
    notified: [...told.values()].map((body) => jsonText(JSON.parse(body), names)).sort(),
    left: messages === 0 ? [] : [`${messages} messages`],
  };
}

/** Only whether runs have ended, not where: the rows, the ledger and what was told say what is true. */
export const withoutEnds = ({ runs = [], ...rest }: View): View => ({
  ...rest,
  runs: runs.map((line) => line.replace(/, stage .*/, "")),
});

/**
 * The view for a scenario that ends before a person. Which bound a run meets first depends on how often it went round,
 * and an interrupted one may go round once more: that it is parked is what counts, and that nobody's money has moved.
 */
export function beforeAPerson(view: View): View {
  const { payments: _undecided, refunds: _neither, ...rest } = withoutEnds(view);
  return rest;
}

/** Whose money has moved, and nothing else. */
export const onlyMoney = ({ ledger = [] }: View): View => ({ ledger });

export const needsAPerson = ({ runs = [] }: View): boolean =>
  runs.some((line) => line.includes("state parked"));

/** Everything that is in one and not in the other: `orders: - ...`, `orders: + ...`. Empty: they are the same. */
export function differences(expected: View, actual: View): readonly string[] {
  const sections = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  return sections.flatMap((section) => {
    const missing = without(expected[section] ?? [], actual[section] ?? []);
    const extra = without(actual[section] ?? [], expected[section] ?? []);
    return [
      ...missing.map((line) => `${section}: - ${line}`),
      ...extra.map((line) => `${section}: + ${line}`),
    ];
  });
}

function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

type Names = ReadonlyMap<string, string>;

/** An id is called by the row it names: `payments approved`. */
function namesOf(rows: Remains["rows"]): Names {
  const names = new Map<string, string>();
  for (const [spec, all] of rows) {
    if (spec.key.length !== 1 || ways.has(spec.name)) continue;
    for (const row of all) {
      const state = spec.name === "runs" ? row["flow"] : spec.status && row[spec.status];
      names.set(String(row[spec.key[0] ?? ""]), `<${[spec.name, state].filter(Boolean).join(" ")}>`);
    }
  }
  return names;
}

function rowLine({ name, columns }: TableSpec, row: Row, names: Names): string {
  const shown = shownColumns[name] ?? Object.keys(columns);
  const cells = shown.flatMap((column) => {
    const value = row[column];
    if (telling.has(column) || value === null || value === undefined) return [];
    if (columns[column] === "timestamp") return [`${column} set`];
    // That there is a proof, and of what: not how it was obtained.
    if (column === "evidence") return [`evidence of ${String((value as Row)["result"])}`];
    return [`${column} ${jsonText(value, names)}`];
  });
  return cells.join(", ");
}

const jsonText = (value: unknown, names: Names): string =>
  (typeof value === "string" ? value : JSON.stringify(pruned(value)))
    .replace(uuid, (id) => names.get(id) ?? "<id>")
    .replace(isoTime, "<time>");

function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !telling.has(name))
      .map(([name, member]) => [name, pruned(member)]),
  );
}
