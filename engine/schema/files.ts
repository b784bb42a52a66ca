/** JSON Schemas (draft 7) of the three kinds of definition files. The bounds are the engine's own limits. */
import { limits } from "../limits.js";
import { atomSchema, fieldSchema, nameSchema, queueSchema, targetSchema, titleSchema } from "./names.js";

/** More than anybody can read on one page; keeps every analysis of a flow short. */
const stagesMax = 200;
const stepsMax = 100;

const presets = { type: "object", propertyNames: fieldSchema } as const;

export const typesSchema = {
  type: "object",
  propertyNames: nameSchema,
  additionalProperties: {
    type: "object",
    properties: { flow: nameSchema, title: titleSchema, set: presets },
    required: ["flow", "title"],
    additionalProperties: false,
  },
} as const;

const on = {
  type: "object",
  propertyNames: nameSchema,
  additionalProperties: targetSchema,
  minProperties: 1,
} as const;
const entriesMax = { type: "integer", minimum: 1, maximum: limits.stageEntriesMax } as const;
const waitMs = { type: "integer", minimum: 1, maximum: limits.waitTimeoutMsMax } as const;

const transactionStage = {
  properties: { transaction: nameSchema, queue: queueSchema, on, entriesMax },
  required: ["transaction", "queue", "on"],
  additionalProperties: false,
} as const;

const waitStage = {
  properties: {
    wait: titleSchema,
    // One integer, or one per entry. Keywords for the other type do not apply, so one mistake gives one error.
    timeoutMs: {
      ...waitMs,
      type: ["integer", "array"],
      items: waitMs,
      minItems: 1,
      maxItems: limits.stageEntriesMax,
    },
    timeoutField: fieldSchema,
    on,
    entriesMax,
  },
  required: ["wait", "timeoutMs", "on"],
  additionalProperties: false,
} as const;

export const flowSchema = {
  type: "object",
  properties: {
    flow: nameSchema,
    title: titleSchema,
    input: { type: "array", items: fieldSchema },
    optional: { type: "array", items: fieldSchema },
    subscribe: { type: "array", items: nameSchema },
    start: nameSchema,
    stages: {
      type: "object",
      minProperties: 1,
      maxProperties: stagesMax,
      propertyNames: nameSchema,
      additionalProperties: {
        type: "object",
        // A stage that says `wait` is judged as a wait, every other one as a transaction: never as both.
        if: { required: ["wait"] },
        then: waitStage,
        else: transactionStage,
      },
    },
  },
  required: ["flow", "input", "start", "stages"],
  additionalProperties: false,
} as const;

const retry = {
  type: "object",
  properties: {
    max: { type: "integer", minimum: 0, maximum: limits.stepRetriesMax },
    delayMs: { type: "integer", minimum: 0, maximum: limits.stepTimeoutMsMax },
  },
  required: ["max", "delayMs"],
  additionalProperties: false,
} as const;

export const transactionSchema = {
  type: "object",
  properties: {
    transaction: nameSchema,
    title: titleSchema,
    steps: {
      type: "array",
      minItems: 1,
      maxItems: stepsMax,
      items: {
        type: "object",
        properties: {
          atom: atomSchema,
          with: { type: "object" },
          when: { type: "string", maxLength: 2000 },
          always: { type: "boolean" },
          timeoutMs: { type: "integer", minimum: 1, maximum: limits.stepTimeoutMsMax },
          retry,
        },
        required: ["atom"],
        additionalProperties: false,
      },
    },
  },
  required: ["transaction", "steps"],
  additionalProperties: false,
} as const;
