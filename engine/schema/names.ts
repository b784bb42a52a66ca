/** How things in definitions may be called. JSON Schema patterns, so that shape errors and this file never differ. */

/** `pay`, `order.accept`, `notSent`, `late-success`: flows, stages, transactions, types, outcomes, states. */
export const name = "[a-z][A-Za-z0-9]*(?:[.-][A-Za-z0-9]+)*";

/** Data dictionary names. */
export const field = "[a-z][A-Za-z0-9]*";

/** One part of a queue name: a fixed word or `{field}`. */
const queuePart = `(?:[a-z][a-z0-9-]*|\\{${field}\\})`;

export const nameSchema = { type: "string", pattern: `^${name}$`, maxLength: 64 } as const;
export const fieldSchema = { type: "string", pattern: `^${field}$`, maxLength: 64 } as const;
export const atomSchema = nameSchema;
/** `flow.pay`, `channel.{channel}.follow` */
export const queueSchema = {
  type: "string",
  pattern: `^${queuePart}(?:\\.${queuePart})*$`,
  maxLength: 128,
} as const;
/** `<stage>`, `end:<state>`, `park:<reason>` */
export const targetSchema = {
  type: "string",
  pattern: `^(?:(?:end|park):)?${name}$`,
  maxLength: 80,
} as const;
/** One line for people. */
export const titleSchema = { type: "string", pattern: "^[^\\u0000-\\u001f]+$", maxLength: 200 } as const;
