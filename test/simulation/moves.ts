/** Every way a status may go. Whatever is not here must not happen; a new flow adds its lines. */

export interface Moves {
  readonly status: string;
  readonly allowed: Readonly<Record<string, readonly string[]>>;
}

const final = ["approved", "declined", "closed"];

export const moves: Readonly<Record<string, Moves>> = {
  orders: {
    status: "status",
    allowed: {
      "": ["processing"],
      processing: ["requires_action", "paid", "failed", "closed"],
      requires_action: ["processing", "paid", "failed", "closed"],
      failed: ["closed"],
      paid: ["partially_refunded", "refunded"],
      partially_refunded: ["refunded"],
    },
  },
  payments: {
    status: "status",
    allowed: {
      "": ["created", "sending"],
      created: ["sending", "notSent", "closed"],
      sending: ["pending", "unknown", "notSent", ...final],
      pending: ["unknown", ...final],
      unknown: ["sending", "pending", ...final],
      // Sent before and found absent, then not sent again: the next inquiry may learn nothing.
      notSent: ["created", "sending", "unknown", ...final],
      // Given up, and charged all the same.
      declined: ["approved"],
      closed: ["approved"],
    },
  },
  refunds: {
    status: "status",
    allowed: {
      "": ["sending"],
      sending: ["pending", "unknown", "notSent", "approved", "declined"],
      pending: ["unknown", "notSent", "approved", "declined"],
      unknown: ["pending", "notSent", "approved", "declined"],
      notSent: ["pending", "unknown", "approved", "declined"],
    },
  },
  notifications: {
    status: "status",
    allowed: { "": ["sending", "delivered"], sending: ["delivered", "failed"] },
  },
  runs: {
    status: "state",
    allowed: {
      "": ["open", "waiting", "parked", "ended"],
      open: ["waiting", "parked", "ended"],
      waiting: ["open", "parked", "ended"],
      parked: ["open"],
    },
  },
  signals: { status: "state", allowed: { "": ["pending", "taken", "late"], pending: ["taken", "late"] } },
};

/** Columns that say the same for ever once they say anything. */
export const onceSet: Readonly<Record<string, readonly string[]>> = {
  orders: ["paidBy"],
  refunds: ["settledAt"],
};
