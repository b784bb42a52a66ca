/** Which problem codes an operation may answer, for the document. A test compares them with the error table. */
import { errorTable, type ErrorCode, type ErrorEntry } from "../../../../engine/errors.js";

export const admissionCodes: readonly ErrorCode[] = ["overloaded", "shutting_down", "internal"];

export const credentialCodes: readonly ErrorCode[] = [
  "credentials_missing",
  "credentials_malformed",
  "timestamp_stale",
  "merchant_unknown",
  "key_unknown",
  "signature_invalid",
  "nonce_reused",
  "reference_stale",
];

export const bodyCodes: readonly ErrorCode[] = [
  "body_too_large",
  "content_type_unsupported",
  "malformed_json",
  "body_not_object",
  "field_missing",
  "field_unknown",
  "field_type",
  "field_invalid",
];

/** What a flow may answer; which of them a type really does depends on its transactions. */
export const flowCodes: readonly ErrorCode[] = [
  "merchant_frozen",
  "business_closed",
  "amount_over_limit",
  "order_mismatch",
  "order_paid",
  "attempt_too_soon",
  "no_route",
  "channel_declined",
];

export const submitCodes: readonly ErrorCode[] = [
  ...admissionCodes,
  ...credentialCodes,
  "type_unknown",
  ...bodyCodes,
  ...flowCodes,
  "accept_unconfirmed",
];

/** The order is another merchant's, or there is none. */
export const closeCodes: readonly ErrorCode[] = [
  ...admissionCodes,
  ...credentialCodes,
  "merchant_frozen",
  "type_unknown",
  ...bodyCodes,
  "not_found",
  "order_paid",
  "accept_unconfirmed",
];

/** A run's own problem is answered where its 202 pointed to. */
export const readCodes: readonly ErrorCode[] = [
  ...admissionCodes,
  ...credentialCodes,
  "not_found",
  "field_missing",
  "unavailable",
  ...flowCodes,
];

export const callbackCodes: readonly ErrorCode[] = [
  ...admissionCodes,
  "reference_stale",
  "not_found",
  "method_not_allowed",
  "body_too_large",
  "channel_silent",
];

/** Codes by HTTP status, in the order of the error table. */
export function byStatus(codes: readonly ErrorCode[]): ReadonlyMap<number, readonly ErrorCode[]> {
  const groups = new Map<number, ErrorCode[]>();
  for (const code of Object.keys(errorTable) as ErrorCode[]) {
    const status = (errorTable[code] as ErrorEntry).status;
    if (status === undefined || !codes.includes(code)) continue;
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return groups;
}
