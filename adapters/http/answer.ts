/** What a handler gives back, and the one error that carries a ready answer. Handlers never touch the socket. */
import { problemOf, type ErrorCode, type Problem } from "../../engine/errors.js";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Headers = Answer["headers"];

export const json = (status: number, value: unknown, headers: Headers = {}): Answer => ({
  status,
  contentType: "application/json; charset=utf-8",
  headers,
  body: JSON.stringify(value),
});

/** Seconds; every 503 of the bridge means "nothing is wrong with the request, send it again". */
const retryAfterS = "1";

export function problemAnswer(problem: Problem, headers: Headers = {}): Answer {
  // A problem may come from a flow; what is no error status must not turn it into a success.
  const status =
    Number.isInteger(problem.status) && problem.status >= 400 && problem.status <= 599 ? problem.status : 500;
  return {
    status,
    contentType: "application/problem+json",
    headers: status === 503 ? { "retry-after": retryAfterS, ...headers } : headers,
    body: JSON.stringify({ ...problem, status }),
  };
}

/** Thrown to end a request with a problem. Nothing has been written when it is thrown. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  constructor(
    readonly problem: Problem,
    readonly headers: Headers = {},
  ) {
    super(`${problem.code}: ${problem.detail}`);
  }
}

export const refuse = (code: ErrorCode, detail: string, errors?: Problem["errors"]): Refusal =>
  new Refusal(problemOf(code, detail, errors));
