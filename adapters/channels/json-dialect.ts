/** A dialect of JSON bodies signed in headers (`hmac-headers.ts`): each operation has a path, each answer is an object. */
import type { Asked, Dialect, Headers, Heard, Json, Operation, Outgoing, Told } from "./dialect.js";
import { HmacHeaders, parseObject, type Direction } from "./hmac-headers.js";

export interface JsonDialectOptions extends Pick<Dialect, "results" | "replies"> {
  /** Of the signature headers. */
  readonly prefix: string;
  /** HMAC secret shared with the institution, UTF-8 text. */
  readonly secret: string;
  readonly paths: Readonly<Record<Operation, string>>;
  /** What a callback signs as its path, wherever it is delivered: proxies on the way rewrite real paths. */
  readonly callbackPath: string;
  /** The body of each question. */
  readonly bodies: { readonly [O in Operation]: (asked: Asked[O]) => Json };
  /** Reads the body of an answer or a callback. */
  readonly tell: (body: Json) => Told;
}

export function jsonDialect(options: JsonDialectOptions): Dialect {
  const { results, replies, paths, callbackPath, bodies, tell } = options;
  const signer = new HmacHeaders(options.prefix, options.secret);
  const hear = (
    direction: Direction,
    path: string,
    headers: Headers,
    body: Buffer,
    nowMs?: number,
  ): Heard => {
    const why = signer.fault(direction, path, headers, body, nowMs);
    if (why !== undefined) return { trusted: false, forged: true, why };
    const content = parseObject(body);
    return content
      ? { trusted: true, told: tell(content) }
      : { trusted: false, forged: false, why: "it is not a JSON object" };
  };
  const asking =
    <O extends Operation>(operation: O) =>
    (asked: Asked[O], nowMs: number): Outgoing => {
      const path = paths[operation];
      const body = Buffer.from(JSON.stringify(bodies[operation](asked)));
      const headers = { "content-type": "application/json", ...signer.sign("request", path, body, nowMs) };
      return { path, headers, body };
    };
  return {
    results,
    replies,
    ask: {
      charge: asking("charge"),
      inquire: asking("inquire"),
      refund: asking("refund"),
      inquireRefund: asking("inquireRefund"),
      close: asking("close"),
    },
    hear: ({ path }, { headers, body }, nowMs) => hear("response", path, headers, body, nowMs),
    hearCallback: ({ headers, body }) => hear("callback", callbackPath, headers, body),
  };
}

/** A field of an answer when it is text. */
export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
/** A field of an answer when it is a whole number. */
export const integerOf = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) ? (value as number) : undefined;
/** The fields of `body` that are named and there, for evidence. */
export function only(body: Json, names: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of names) if (name in body) found[name] = body[name];
  return found;
}

/** `Told` without the parts that were not said. */
export function toldOf(parts: {
  readonly [K in keyof Told]: Told[K] | undefined;
}): Told {
  const said = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  return { code: parts.code ?? "", shown: parts.shown ?? {}, ...said };
}
