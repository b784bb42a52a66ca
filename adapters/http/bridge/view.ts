/** What the views of orders and refunds have in common. */
export type View = Readonly<Record<string, unknown>>;

export const isoOf = (epochMs: unknown): string | undefined =>
  typeof epochMs === "number" && Number.isFinite(epochMs) ? new Date(epochMs).toISOString() : undefined;

/** Members in the order of the contract, without those nobody knows. */
export const present = (members: Readonly<Record<string, unknown>>): View =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));
