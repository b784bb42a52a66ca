/**
 * The one error table. A code says what to do next, is never renamed and never reused.
 * `status` is the HTTP status when the error reaches an integrator (RFC 9457), absent when it never does.
 * `next` is the instruction to whoever reads the error: integrator, operator or the engine itself.
 */
export interface ErrorEntry {
  readonly title: string;
  readonly status?: number;
  readonly next: "fix-request" | "retry" | "inquire" | "page" | "none";
}

export const errorTable = {
  // -- the request is wrong: the integrator fixes it
  malformed_json: { status: 400, title: "The body is not valid JSON", next: "fix-request" },
  body_not_object: { status: 400, title: "The body must be a JSON object", next: "fix-request" },
  field_missing: { status: 422, title: "A required field is missing", next: "fix-request" },
  field_unknown: {
    status: 422,
    title: "The body has a field this transaction type does not take",
    next: "fix-request",
  },
  field_type: { status: 422, title: "A field has the wrong type", next: "fix-request" },
  field_invalid: { status: 422, title: "A field has a value that is not allowed", next: "fix-request" },
  amount_not_integer: { status: 422, title: "amount must be an integer in minor units", next: "fix-request" },
  amount_not_positive: { status: 422, title: "amount must be at least 1 minor unit", next: "fix-request" },
  amount_too_large: {
    status: 422,
    title: "amount is larger than can be carried exactly",
    next: "fix-request",
  },
  amount_over_limit: {
    status: 422,
    title: "The amount exceeds the limit of this transaction type",
    next: "fix-request",
  },
  currency_unknown: { status: 422, title: "currency is not an active ISO 4217 code", next: "fix-request" },
  request_malformed: {
    status: 400,
    title: "The request cannot be read as HTTP/1.1",
    next: "fix-request",
  },
  request_slow: { status: 408, title: "The request did not arrive in time", next: "retry" },
  headers_too_large: { status: 431, title: "The headers are too large", next: "fix-request" },
  body_too_large: { status: 413, title: "The body is too large", next: "fix-request" },
  content_type_unsupported: { status: 415, title: "Send application/json", next: "fix-request" },
  type_unknown: { status: 404, title: "No such transaction type is configured", next: "fix-request" },
  not_found: { status: 404, title: "No such resource", next: "fix-request" },
  method_not_allowed: { status: 405, title: "This resource does not take that method", next: "fix-request" },
  order_mismatch: {
    status: 409,
    title: "This merchantOrderId names an order with another type, amount or currency",
    next: "fix-request",
  },
  order_paid: { status: 409, title: "The order is already paid", next: "none" },
  order_not_paid: {
    status: 409,
    title: "The order is not paid, so nothing can be refunded",
    next: "fix-request",
  },
  refund_mismatch: {
    status: 409,
    title: "This merchantRefundId names a refund of another order or amount",
    next: "fix-request",
  },
  refund_exceeds_payment: {
    status: 409,
    title: "More than is left of the payment; refunds under way count",
    next: "fix-request",
  },
  attempt_too_soon: { status: 429, title: "The last attempt is too recent", next: "retry" },
  notify_url_forbidden: {
    status: 422,
    title: "notifyUrl points to an address that is not allowed",
    next: "fix-request",
  },
  // -- who is asking
  credentials_missing: { status: 401, title: "The Authorization header is missing", next: "fix-request" },
  credentials_malformed: {
    status: 401,
    title: "The Authorization header cannot be read",
    next: "fix-request",
  },
  signature_invalid: { status: 401, title: "The signature does not match the request", next: "fix-request" },
  timestamp_stale: { status: 401, title: "The timestamp is outside the 300 s window", next: "fix-request" },
  nonce_reused: { status: 401, title: "This nonce has been used", next: "fix-request" },
  merchant_unknown: { status: 401, title: "No such merchant", next: "fix-request" },
  key_unknown: {
    status: 401,
    title: "No such key for this merchant, or it was revoked",
    next: "fix-request",
  },
  merchant_frozen: { status: 403, title: "The merchant is frozen", next: "page" },
  business_closed: { status: 403, title: "This business is not open for the merchant", next: "page" },
  // -- the engine cannot take or finish it now
  no_route: { status: 422, title: "No open channel can carry this order", next: "retry" },
  channel_declined: { status: 402, title: "The channel declined the payment", next: "none" },
  refund_declined: { status: 402, title: "The channel declined the refund", next: "none" },
  overloaded: { status: 503, title: "Too much work is waiting; nothing was accepted", next: "retry" },
  accept_unconfirmed: {
    status: 503,
    title: "It is not known whether the order was accepted; repeat it",
    next: "retry",
  },
  channel_silent: { status: 503, title: "The channel module did not answer in time", next: "retry" },
  reference_stale: {
    status: 503,
    title: "Reference data cannot be confirmed; nothing was accepted",
    next: "retry",
  },
  shutting_down: { status: 503, title: "The service is stopping; nothing was accepted", next: "retry" },
  unavailable: { status: 503, title: "The data cannot be read now", next: "retry" },
  internal: { status: 500, title: "An internal error; the event has been recorded", next: "page" },
  // -- operators
  admin_unauthorized: { status: 401, title: "Sign in, or send a valid admin token", next: "fix-request" },
  credentials_wrong: { status: 401, title: "Name, password or code is wrong", next: "fix-request" },
  second_factor_needed: { status: 401, title: "A code of the second factor is needed", next: "fix-request" },
  link_used: { status: 401, title: "The one-time link is used, replaced or expired", next: "fix-request" },
  login_throttled: { status: 429, title: "Too many attempts failed; wait", next: "retry" },
  csrf_invalid: {
    status: 403,
    title: "The change does not come from a page of this console",
    next: "fix-request",
  },
  right_missing: { status: 403, title: "Your role does not include this", next: "none" },
  password_wrong: { status: 403, title: "The current password is wrong", next: "fix-request" },
  second_factor_state: {
    status: 409,
    title: "The second factor is not in the state this needs",
    next: "fix-request",
  },
  user_exists: { status: 409, title: "There is a user of that name", next: "fix-request" },
  user_unknown: { status: 404, title: "There is no user of that name", next: "fix-request" },
  last_administrator: {
    status: 409,
    title: "This is the last active super administrator",
    next: "fix-request",
  },
  definitions_unsound: {
    status: 422,
    title: "The definitions do not compile; nothing was changed",
    next: "fix-request",
  },
  definitions_unserved: {
    status: 409,
    title: "No live module holds an atom or serves a queue",
    next: "fix-request",
  },
  rules_unsound: {
    status: 422,
    title: "The routing rules do not check; nothing was changed",
    next: "fix-request",
  },
  rules_superseded: {
    status: 409,
    title: "Somebody else changed the routing rules at the same moment",
    next: "retry",
  },
  switch_superseded: {
    status: 409,
    title: "Somebody else switched the channel meanwhile",
    next: "retry",
  },
  channel_unknown: { status: 404, title: "No such channel is registered", next: "fix-request" },
  redirect_invalid: { status: 422, title: "The redirect leads nowhere", next: "fix-request" },
  version_unknown: { status: 404, title: "There is no earlier version to return to", next: "fix-request" },
  run_not_parked: { status: 409, title: "The run is not parked", next: "none" },
  action_impossible: { status: 409, title: "The order does not allow this now", next: "none" },
  action_mismatch: {
    status: 409,
    title: "This actionId names another action; take a new one",
    next: "fix-request",
  },
  asked_too_soon: { status: 429, title: "The channel was asked a moment ago", next: "retry" },
  search_too_wide: {
    status: 503,
    title: "The search was given up to spare the database",
    next: "fix-request",
  },
  // -- inside the engine
  settings_invalid: { title: "The settings are not valid", next: "fix-request" },
  data_locked: { title: "Another process holds this data directory", next: "fix-request" },
  database_unreachable: { title: "The database cannot be reached", next: "page" },
  broker_unreachable: { title: "The message broker cannot be reached", next: "page" },
  schema_outdated: { title: "The database schema does not match this build", next: "fix-request" },
  step_timeout: { title: "A step did not finish in time", next: "retry" },
  step_failed: { title: "A step threw", next: "retry" },
  outcome_undeclared: { title: "An atom returned an outcome it does not declare", next: "page" },
  field_undeclared: {
    title: "An atom wrote a field it does not declare, or of the wrong shape",
    next: "page",
  },
  plan_unknown: { title: "This process does not hold the plan the run is pinned to", next: "retry" },
  channel_closed: { title: "The channel sends nothing now; its orders wait", next: "none" },
  hops_exhausted: { title: "The run entered more stages than any run may", next: "page" },
  deliveries_exhausted: { title: "The message failed on every delivery", next: "page" },
  message_malformed: { title: "The message is not an engine message", next: "page" },
  lease_lost: { title: "Another worker owns the message now", next: "none" },
  commit_unknown: { title: "The connection was lost during a commit", next: "inquire" },
  write_rejected: { title: "The database refused a row", next: "page" },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

/** An error with a code of the table. `detail` is for people; it never carries a secret or a sealed field. */
export class ValenceError extends Error {
  override readonly name = "ValenceError";
  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    options?: { readonly cause?: unknown },
  ) {
    super(`${code}: ${detail}`, options);
  }
  get entry(): ErrorEntry {
    return errorTable[this.code];
  }
}

/** The RFC 9457 body, also what a rejected run keeps in its `problem` field. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

export function problemOf(code: ErrorCode, detail: string, errors?: Problem["errors"]): Problem {
  const entry: ErrorEntry = errorTable[code];
  return {
    type: `urn:valence:problem:${code}`,
    title: entry.title,
    status: entry.status ?? 500,
    code,
    detail,
    ...(errors ? { errors } : {}),
  };
}
