/** JSON Schema (draft 7) of routing rules as an operator writes them: an ordered list. */
import { titleSchema } from "./names.js";

const rulesMax = 500;
const targetsMax = 100;
const weightMax = 1_000_000;

const condition = { type: "string", minLength: 1, maxLength: 2000 } as const;

export const routesSchema = {
  type: "array",
  minItems: 1,
  maxItems: rulesMax,
  items: {
    type: "object",
    properties: {
      name: { ...titleSchema, maxLength: 128 },
      when: condition,
      channels: {
        type: "array",
        minItems: 1,
        maxItems: targetsMax,
        items: {
          type: "object",
          properties: {
            channel: { type: "string", pattern: "^([a-z][a-z0-9-]{0,31}|\\*)$" },
            weight: { type: "number", minimum: 0, maximum: weightMax },
            where: condition,
          },
          required: ["channel"],
          additionalProperties: false,
        },
      },
    },
    required: ["name", "channels"],
    additionalProperties: false,
  },
} as const;
