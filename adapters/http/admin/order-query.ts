/** `GET /admin/v1/orders?…`, read strictly: a parameter nobody knows would narrow nothing unseen. */
import type { FastifyRequest } from "fastify";
import { isId } from "../../../engine/ids.js";
import type { OrderAttention, OrderQuery } from "../../../engine/ports/index.js";
import { refuse } from "../answer.js";

const limitMax = 100;
const limitDefault = 50;
const textMax = 128;

/** As the check of the column has them. */
const statuses = [
  ...["processing", "requires_action", "paid", "failed", "closed"],
  ...["refunded", "partially_refunded"],
];
const attentions: readonly OrderAttention[] = ["parked", "stuck"];

type Mistake = { readonly pointer: string; readonly message: string };

/** Parameters as the URL has them; each at most once but `status`. */
class Parameters {
  readonly mistakes: Mistake[] = [];

  constructor(private readonly given: Readonly<Record<string, unknown>>) {}

  wrong(name: string, message: string): undefined {
    this.mistakes.push({ pointer: `?${name}`, message });
  }

  all(name: string): readonly string[] {
    const value = this.given[name];
    if (value === undefined) return [];
    return (Array.isArray(value) ? value : [value]).map(String);
  }

  text(name: string): string | undefined {
    const [first, ...more] = this.all(name);
    if (more.length > 0) return this.wrong(name, "may be given once");
    if (first === undefined) return undefined;
    const value = first.trim();
    return value !== "" && value.length <= textMax && !value.includes("\0")
      ? value
      : this.wrong(name, `must be text of 1 to ${textMax} characters`);
  }

  count(name: string, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    return /^\d+$/.test(text) && value >= min && value <= max
      ? value
      : this.wrong(name, `must be a whole number from ${min} to ${max}`);
  }

  /** A date, or a date with a time and its offset. Epoch milliseconds. */
  moment(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
    const atMs = isTime ? Date.parse(text) : Number.NaN;
    return Number.isFinite(atMs) && atMs >= 0
      ? atMs
      : this.wrong(name, "must be a time like 2026-11-22T08:30:00Z, or a date");
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const text = this.text(name);
    const choice = choices.find((each) => each === text);
    return text === undefined || choice !== undefined
      ? choice
      : this.wrong(name, `must be one of ${choices.join(", ")}`);
  }
}

const names = [
  ...["number", "merchantId", "type", "status", "channel", "from", "to", "amountMin", "amountMax"],
  ...["attention", "after", "limit"],
];

/** @throws Refusal `field_invalid` that lists every mistake */
export function orderQueryOf(request: FastifyRequest): OrderQuery {
  const given = Object(request.query) as Readonly<Record<string, unknown>>;
  const read = new Parameters(given);
  for (const name of Object.keys(given))
    if (!names.includes(name)) read.wrong(name, `is not known here; there are ${names.join(", ")}`);
  const wanted = read.all("status").flatMap((text) => text.split(","));
  for (const status of wanted)
    if (!statuses.includes(status)) read.wrong("status", `must be among ${statuses.join(", ")}`);
  const after = read.text("after");
  if (after !== undefined && !isId(after)) read.wrong("after", "must be the `next` of the page before");
  const query = {
    number: read.text("number"),
    merchantId: read.text("merchantId"),
    type: read.text("type"),
    statuses: wanted.length > 0 ? wanted : undefined,
    channel: read.text("channel"),
    fromMs: read.moment("from"),
    toMs: read.moment("to"),
    amountMinorMin: read.count("amountMin"),
    amountMinorMax: read.count("amountMax"),
    attention: read.oneOf("attention", attentions),
    after,
    limit: read.count("limit", { min: 1, max: limitMax }) ?? limitDefault,
  };
  between(read, "from", query.fromMs, "to", query.toMs);
  between(read, "amountMin", query.amountMinorMin, "amountMax", query.amountMinorMax);
  if (read.mistakes.length > 0) {
    const detail = read.mistakes.map(({ pointer, message }) => `${pointer} ${message}`).join("; ");
    throw refuse("field_invalid", detail, read.mistakes);
  }
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined),
  ) as unknown as OrderQuery;
}

/** A range that holds nothing is a slip of the pen, not a question. */
function between(
  read: Parameters,
  low: string,
  from: number | undefined,
  high: string,
  to: number | undefined,
): void {
  if (from !== undefined && to !== undefined && from > to) read.wrong(low, `must not be above ${high}`);
}
