/**
 * Faults on purpose. Only these change the institution's behaviour: there are no magic amounts. A fault is drawn
 * with its own seeded generator, so that the n-th matching request of a repeated run meets the same fate.
 */
import { institutionOperations as operations, type InstitutionOperation } from "./institution-dialect.js";

/** `payer` is the person with the QR code, `callback` the institution's own call; both can be made to misbehave. */
export type FaultPoint = InstitutionOperation | "payer" | "callback";

/** Kind -> where it can strike. Without `match.operation` it strikes at all of them but `payer`. */
const kinds = {
  decline: ["pay", "refund", "payer"],
  slow: [...operations, "payer"],
  hang: [...operations, "payer"],
  "reset-before": operations,
  "reset-after": operations,
  "late-charge": ["pay"],
  "duplicate-callback": ["callback", "pay"],
  "late-callback": ["callback", "pay"],
  "no-callback": ["callback", "pay"],
  garbage: operations,
  "error-500": operations,
} as const satisfies Record<string, readonly FaultPoint[]>;

export type FaultKind = keyof typeof kinds;
export const faultKinds = Object.keys(kinds) as readonly FaultKind[];

const isCallbackKind = (kind: FaultKind): boolean => kind.endsWith("-callback");

/** What `delayMs` is when the fault does not say. */
const defaultDelayMs: Partial<Record<FaultKind, number>> = {
  slow: 1000,
  "late-charge": 5000,
  "late-callback": 5000,
};
const delayMsMax = 24 * 3_600_000;

export interface Fault {
  readonly id: number;
  readonly kind: FaultKind;
  /** Probability in [0, 1]. */
  readonly rate: number;
  readonly delayMs: number;
  /** Strikes at most this often; absent means always. */
  readonly times?: number;
  readonly match: {
    readonly operation?: FaultPoint;
    readonly paymentId?: string;
    /** Minor units. */
    readonly amount?: number;
    readonly method?: string;
  };
}

export interface FaultFacts {
  readonly paymentId?: string | undefined;
  readonly amount?: number | undefined;
  readonly method?: string | null | undefined;
}

/** What was wrong with a fault; the message is for whoever posted it. */
export class FaultError extends Error {
  override readonly name = "FaultError";
}

type Json = Readonly<Record<string, unknown>>;

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new FaultError(message);
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function onlyKeys(value: Json, known: readonly string[], where: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  check(unknown === undefined, `${where} has no "${unknown}"; it takes ${known.join(", ")}`);
}

function parseMatch(kind: FaultKind, match: unknown): Fault["match"] {
  check(isObject(match), "match must be an object");
  onlyKeys(match, ["operation", "paymentId", "amount", "method"], "match");
  const points: readonly string[] = kinds[kind];
  check(
    match["operation"] === undefined || points.includes(match["operation"] as string),
    `${kind} can strike at operation ${points.join(", ")}`,
  );
  for (const key of ["paymentId", "method"])
    check(match[key] === undefined || typeof match[key] === "string", `match.${key} must be text`);
  check(
    match["amount"] === undefined || Number.isSafeInteger(match["amount"]),
    "match.amount must be an integer",
  );
  return match;
}

/** @throws FaultError with a message that lists what is possible. */
export function parseFault(value: unknown, id: number): Fault {
  const list = `kinds: ${faultKinds.join(", ")}`;
  check(isObject(value), `a fault is an object { match?, rate, kind, delayMs?, times? }; ${list}`);
  const { kind, rate = 1, times } = value;
  check(
    typeof kind === "string" && Object.hasOwn(kinds, kind),
    `unknown kind ${JSON.stringify(kind)}; ${list}`,
  );
  onlyKeys(value, ["match", "rate", "kind", "delayMs", "times"], "a fault");
  check(typeof rate === "number" && rate >= 0 && rate <= 1, "rate must be a number from 0 to 1");
  const { delayMs = defaultDelayMs[kind as FaultKind] ?? 0 } = value;
  check(
    Number.isSafeInteger(delayMs) && (delayMs as number) >= 0 && (delayMs as number) <= delayMsMax,
    `delayMs must be an integer from 0 to ${delayMsMax}`,
  );
  check(
    times === undefined || (Number.isSafeInteger(times) && (times as number) > 0),
    "times must be at least 1",
  );
  return {
    id,
    kind: kind as FaultKind,
    rate,
    delayMs: delayMs as number,
    ...(times === undefined ? {} : { times: times as number }),
    match: parseMatch(kind as FaultKind, value["match"] ?? {}),
  };
}

/** Mulberry32: 32 bits of state, uniform in [0, 1). Chance for tests, nothing that has to be unguessable. */
export function seededFraction(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function strikesAt(fault: Fault, point: FaultPoint): boolean {
  if (isCallbackKind(fault.kind)) return point === "callback";
  if (fault.match.operation !== undefined) return fault.match.operation === point;
  return point !== "payer" && (kinds[fault.kind] as readonly FaultPoint[]).includes(point);
}

function matches({ match }: Fault, facts: FaultFacts): boolean {
  return (
    (match.paymentId === undefined || match.paymentId === facts.paymentId) &&
    (match.amount === undefined || match.amount === facts.amount) &&
    (match.method === undefined || match.method === facts.method)
  );
}

export class Faults {
  private active: { readonly fault: Fault; readonly fraction: () => number; hits: number }[] = [];

  constructor(private readonly seed: number) {}

  /** @throws FaultError */
  add(value: unknown): Fault {
    const id = this.active.length + 1;
    const fault = parseFault(value, id);
    // Its own generator: adding a fault does not change what another one draws.
    this.active.push({ fault, fraction: seededFraction(this.seed + Math.imul(id, 0x9e3779b1)), hits: 0 });
    return fault;
  }

  list(): readonly (Fault & { readonly hits: number })[] {
    return this.active.map(({ fault, hits }) => ({ ...fault, hits }));
  }

  /** Numbering and generators start again with the next fault. */
  clear(): void {
    this.active = [];
  }

  /** The first fault, in the order they were posted, that strikes here; undefined: behave. */
  draw(point: FaultPoint, facts: FaultFacts): Fault | undefined {
    for (const entry of this.active) {
      const { fault } = entry;
      if (fault.times !== undefined && entry.hits >= fault.times) continue;
      if (!strikesAt(fault, point) || !matches(fault, facts)) continue;
      if (entry.fraction() >= fault.rate) continue;
      entry.hits += 1;
      return fault;
    }
    return undefined;
  }
}
