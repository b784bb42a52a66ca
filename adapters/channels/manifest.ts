/** Reads `channel.json` and says what is wrong with it, by file and key. */
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { JSONSchema } from "json-schema-to-ts";
import { ValenceError } from "../../engine/errors.js";
import { limits } from "../../engine/limits.js";
import type { ChannelManifest } from "../../engine/ports/channel.js";
import { validator } from "../../engine/schema/validate.js";
import type { SettingSpecs, SettingValue } from "./channel-settings.js";

/** The manifest, and what only loading needs. */
export interface ChannelFile {
  readonly manifest: ChannelManifest;
  /** Name of the folder whose driver it uses: several contracts with one institution. Absent: its own. */
  readonly driver?: string;
  /** Declared settings; of the driver's folder when absent. */
  readonly settings?: SettingSpecs;
  /** Values of settings. Nothing secret: this file is in version control. */
  readonly with?: Readonly<Record<string, SettingValue>>;
}

/** A channel's name is part of queue names and addresses. */
const channelName = { type: "string", pattern: "^[a-z][a-z0-9-]{0,31}$" } as const;
const texts = (pattern: string) =>
  ({ type: "array", minItems: 1, uniqueItems: true, items: { type: "string", pattern } }) as const;
const integer = (minimum: number, maximum: number) => ({ type: "integer", minimum, maximum }) as const;
const value = { type: ["string", "integer", "boolean"] } as const;

const schema = {
  type: "object",
  additionalProperties: false,
  required: [
    ...["channel", "title", "methods", "currencies", "operations", "amountMinorMin", "amountMinorMax"],
    ...["weight", "feeBps", "feeMinorMin", "callTimeoutMs", "graceMs", "concurrencyMax", "breaker"],
  ],
  properties: {
    channel: channelName,
    title: { type: "string", minLength: 1, maxLength: 200 },
    methods: texts("^[a-z][A-Za-z0-9_-]{0,31}$"),
    currencies: texts("^[A-Z]{3}$"),
    operations: {
      type: "array",
      uniqueItems: true,
      // Without these the engine can neither pay nor find out what became of a payment.
      allOf: [{ contains: { const: "charge" } }, { contains: { const: "inquire" } }],
      items: { enum: ["charge", "inquire", "refund", "close", "callback"] },
    },
    amountMinorMin: integer(1, limits.amountMinorMax),
    amountMinorMax: integer(1, limits.amountMinorMax),
    weight: { type: "number", minimum: 0, maximum: 1_000_000 },
    feeBps: { type: "number", minimum: 0, maximum: 10_000 },
    feeMinorMin: integer(0, limits.amountMinorMax),
    callTimeoutMs: integer(1, limits.sendWindowMs),
    graceMs: integer(0, 86_400_000),
    inquiry: {
      type: "object",
      additionalProperties: false,
      required: ["afterMs", "unknownMax"],
      properties: {
        afterMs: { type: "array", minItems: 1, maxItems: 100, items: integer(100, 86_400_000) },
        unknownMax: integer(1, 1_000),
      },
    },
    concurrencyMax: integer(1, 10_000),
    breaker: {
      type: "object",
      additionalProperties: false,
      required: ["failureRatio", "minimumCalls", "windowMs", "openForMs"],
      properties: {
        failureRatio: { type: "number", exclusiveMinimum: 0, maximum: 1 },
        minimumCalls: integer(1, 1_000_000),
        windowMs: integer(100, 3_600_000),
        openForMs: integer(100, 3_600_000),
      },
    },
    driver: channelName,
    settings: {
      type: "object",
      propertyNames: { pattern: "^[a-z][A-Za-z0-9]*$" },
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        required: ["type", "description"],
        properties: {
          type: { enum: ["string", "integer", "boolean"] },
          description: { type: "string", minLength: 1 },
          default: value,
          pattern: { type: "string" },
          secret: { type: "boolean" },
        },
      },
    },
    with: { type: "object", additionalProperties: value },
  },
} as const satisfies JSONSchema;

const check = validator(schema);

type Read = ChannelManifest & Omit<ChannelFile, "manifest">;

/** @throws ValenceError `settings_invalid`, one line for every key that is wrong. */
export function readChannelFile(file: string): ChannelFile {
  const fail = (lines: readonly string[]): never => {
    throw new ValenceError("settings_invalid", lines.map((line) => `${file}: ${line}`).join("\n"));
  };
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    return fail([`cannot be read: ${(error as Error).message}`]);
  }
  const errors = check(content).map(({ pointer, message, property }) => {
    const key = pointer.slice(1).replaceAll("/", ".");
    return `${key || "the file"}: ${message}${property === undefined || message.includes(property) ? "" : ` (${property})`}`;
  });
  if (errors.length > 0) return fail(errors);
  const { driver, settings, with: given, ...manifest } = content as Read;
  const relations: readonly (readonly [holds: boolean, message: string])[] = [
    [
      manifest.channel === basename(dirname(file)),
      `channel: must be the name of its folder, not ${manifest.channel}`,
    ],
    [manifest.amountMinorMin <= manifest.amountMinorMax, "amountMinorMin: must not be above amountMinorMax"],
  ];
  const broken = relations.filter(([holds]) => !holds).map(([, message]) => message);
  if (broken.length > 0) return fail(broken);
  return {
    manifest,
    ...(driver === undefined ? {} : { driver }),
    ...(settings === undefined ? {} : { settings }),
    ...(given === undefined ? {} : { with: given }),
  };
}
