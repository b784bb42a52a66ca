/** A nonce is good once, for every bridge: the database decides. */
import { limits } from "../../../engine/limits.js";
import type { Write } from "../../../engine/ports/store.js";
import { refuse, type Refusal } from "../answer.js";
import type { Caller } from "./authenticate.js";
import { noncesTable } from "./tables.js";

/** Consumes the caller's nonce: the unit it is part of is refused whole when the nonce was used before. */
export const nonceWrite = (caller: Caller): Write => ({
  kind: "insert",
  table: noncesTable.name,
  row: {
    merchantId: caller.merchant.merchantId,
    nonce: caller.nonce,
    // Kept until every bridge, whose clocks may differ, refuses the timestamp it came with.
    expiresAt: caller.timestampMs + limits.signatureWindowMs + limits.clockSkewMsMax,
  },
  exists: "conflict",
});

export const nonceReused = (): Refusal =>
  refuse("nonce_reused", "Sign the request again with a new nonce; the same order may safely be sent again.");
