/**
 * Calls of the admin API. Every non-GET carries the session's CSRF token; every failure is an `ApiError`. Nothing is
 * sent twice: whether a change arrived is for the person to look at, not for a retry to guess.
 */
import { isPresent } from "./activity";
import { ApiError, type ProblemBody } from "./error";

const base = "/admin/v1";
/** Longer than the slowest answer of the API that is still of use. */
const answerMsMax = 30_000;

/** Values of a query; undefined and empty ones are left out, a list is repeated. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface CallOptions {
  readonly query?: Query;
  /** Ends the call early; react-query hands one to every query function. */
  readonly signal?: AbortSignal;
}

let csrf = "";
/** Grows with every session: what was asked before the last one says nothing about it. */
let sessionsKnown = 0;
let onSignedOut: () => void = () => undefined;

/** Kept in memory alone: another page cannot read it, and a reload asks for it anew. */
export const keepCsrf = (token: string): void => {
  if (token !== csrf) sessionsKnown += 1;
  csrf = token;
};

/** Told when the API no longer knows this browser's session. */
export const whenSignedOut = (listener: () => void): void => {
  onSignedOut = listener;
};

export const get = <Result>(path: string, options: CallOptions = {}): Promise<Result> =>
  call<Result>("GET", path, undefined, options);
export const post = <Result = void>(
  path: string,
  body: unknown = {},
  options: CallOptions = {},
): Promise<Result> => call<Result>("POST", path, body, options);
export const put = <Result = void>(
  path: string,
  body: unknown = {},
  options: CallOptions = {},
): Promise<Result> => call<Result>("PUT", path, body, options);
export const remove = <Result = void>(
  path: string,
  body?: unknown,
  options: CallOptions = {},
): Promise<Result> => call<Result>("DELETE", path, body, options);

/** A part of a path, safe whatever an operator has pasted. */
export const segment = (value: string): string => encodeURIComponent(value);

async function call<Result>(
  method: string,
  path: string,
  body: unknown,
  options: CallOptions,
): Promise<Result> {
  const { query, signal } = options;
  const askedIn = sessionsKnown;
  const response = await send(`${base}${path}${queryText(query)}`, {
    method,
    credentials: "same-origin",
    cache: "no-store",
    headers: headersOf(method, body !== undefined),
    signal: AbortSignal.any([AbortSignal.timeout(answerMsMax), ...(signal ? [signal] : [])]),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await readJson(response);
  if (response.ok) return answer as Result;
  const error = new ApiError(problemIn(answer, response), retryAfterMs(response));
  if (error.code !== "admin_unauthorized") throw error;
  // Somebody came in while it was asked, by a one-time link say: the answer is about the time before.
  if (askedIn !== sessionsKnown && method === "GET") return call(method, path, body, options);
  if (askedIn === sessionsKnown) onSignedOut();
  throw error;
}

function headersOf(method: string, hasBody: boolean): Record<string, string> {
  return {
    accept: "application/json, application/problem+json",
    ...(hasBody ? { "content-type": "application/json" } : {}),
    ...(method === "GET" || csrf === "" ? {} : { "x-csrf-token": csrf }),
    ...(isPresent() ? {} : { "x-background": "1" }),
  };
}

function queryText(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    for (const each of Array.isArray(value) ? value : [value]) parameters.append(name, String(each));
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    const name = cause instanceof DOMException ? cause.name : "";
    // Whoever gave the signal knows; react-query wants its own abort back.
    if (name === "AbortError") throw cause;
    throw name === "TimeoutError"
      ? problem(
          "timed_out",
          "No answer in time",
          "The system did not answer. Look again before you repeat it.",
          cause,
        )
      : problem("unreachable", "Not reachable", "The system cannot be reached. Is it running?", cause);
  }
}

const problem = (code: string, title: string, detail: string, cause: unknown): ApiError =>
  new ApiError({ status: 0, code, title, detail }, 0, { cause });

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A proxy's page, say: `problemIn` makes a problem of the status alone.
    return undefined;
  }
}

function problemIn(answer: unknown, { status, statusText }: Response): ProblemBody {
  const { code, title, detail, errors } = Object(answer) as Partial<ProblemBody>;
  return {
    status,
    code: code ?? "answer_unreadable",
    title: title ?? `HTTP ${status}`,
    detail: detail ?? statusText,
    ...(Array.isArray(errors) ? { errors } : {}),
  };
}

function retryAfterMs({ headers }: Response): number {
  const seconds = Number(headers.get("retry-after"));
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}
