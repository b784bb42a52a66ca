/** What went wrong with a call, in the words of the admin API's problems (RFC 9457). */

export interface FieldError {
  /** JSON pointer into what was sent. */
  readonly pointer: string;
  readonly message: string;
}

export interface ProblemBody {
  readonly status: number;
  /** Of the API's error table, or one of this console's: `unreachable`, `timed_out`, `answer_unreadable`. */
  readonly code: string;
  readonly title: string;
  /** Says what to do next. */
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

export class ApiError extends Error implements ProblemBody {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];

  constructor(
    problem: ProblemBody,
    /** How long the API asks to be left alone; 0 when it does not. */
    readonly retryAfterMs = 0,
    options?: ErrorOptions,
  ) {
    super(`${problem.code}: ${problem.detail}`, options);
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
  }
}

/** Whether `error` is a problem with this code. */
export const hasCode = (error: unknown, code: string): error is ApiError =>
  error instanceof ApiError && error.code === code;
