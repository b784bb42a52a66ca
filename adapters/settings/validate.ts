/** Validation of a whole set of settings: each by its schema, then what they owe each other. */
import { isIP } from "node:net";
import { Ajv, type ErrorObject } from "ajv";
import { limits } from "../../engine/limits.js";
import { allSettings, type Setting, type Settings } from "./schema.js";
import type { Given } from "./sources.js";

/** By their schemas. What is as it was shipped needs no look: every process pays for this before it does anything else. */
function schemaErrors(given: ReadonlyMap<string, Given>): readonly ErrorObject[] {
  const changed = allSettings.filter(
    ({ key, spec }) => given.has(key) && given.get(key)?.value !== spec.default,
  );
  if (changed.length === 0) return [];
  const ajv = new Ajv({ allErrors: true, strict: true });
  for (const keyword of ["unit", "secret"]) ajv.addKeyword(keyword);
  const properties = Object.fromEntries(changed.map(({ key, spec }) => [key, spec]));
  const validate = ajv.compile({ type: "object", properties });
  validate(Object.fromEntries(changed.map(({ key }) => [key, given.get(key)?.value])));
  return validate.errors ?? [];
}

/** Secrets are recognisable but unreadable: URLs lose their password, anything else all but its length. */
export function shown({ spec }: Setting, value: unknown): string {
  if (!spec.secret || value === "" || value === undefined) return JSON.stringify(value) ?? "nothing";
  if (typeof value !== "string") return "***";
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url?.host) return `*** (${value.length} characters)`;
  return JSON.stringify(`${url.protocol}//${url.username ? "***@" : ""}${url.host}${url.pathname}`);
}

function explain({ keyword, message, params }: ErrorObject): string {
  if (keyword === "enum")
    return `must be one of ${(params["allowedValues"] as readonly string[]).join(", ")}`;
  return message ?? keyword;
}

/** One line per setting that is wrong, or missing in every source. */
export function keyErrors(given: ReadonlyMap<string, Given>): string[] {
  const wrong = schemaErrors(given);
  return allSettings.flatMap((setting) => {
    const { key, spec } = setting;
    const entry = given.get(key);
    const preset = `unit: ${spec.unit}; default: ${shown(setting, spec.default)}`;
    if (!entry) return [`${key}: missing (${preset})`];
    const errors = wrong.filter(({ instancePath }) => instancePath === `/${key}`);
    if (errors.length === 0) return [];
    const reasons = errors.map(explain).join(" and ");
    return [`${key}: ${reasons}; given ${shown(setting, entry.value)} by ${entry.from} (${preset})`];
  });
}

export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/** What settings owe each other; `holds` false gives the message. */
const relations: readonly { readonly holds: (settings: Settings) => boolean; readonly message: string }[] = [
  {
    holds: ({ admin }) => admin.token !== "" || isLoopback(admin.host),
    message:
      "admin.token: must be set when admin.host is not loopback; who reaches the admin API moves money",
  },
  {
    holds: ({ bridge, admin, probes, simulator, merchant }) => {
      const fixed = [
        bridge.port,
        admin.port,
        merchant.port,
        ...(probes.enabled ? [probes.port] : []),
        ...(simulator.enabled ? [simulator.port] : []),
      ].filter((port) => port !== 0);
      return new Set(fixed).size === fixed.length;
    },
    message:
      "bridge.port, admin.port, probes.port, simulator.port, merchant.port: must differ from each other",
  },
  {
    // A run that a slow step still works on would be published a second time for nothing.
    holds: ({ scheduler }) => scheduler.sweepAfterMs > limits.leaseMs,
    message: `scheduler.sweepAfterMs: must be above the lease of ${limits.leaseMs} ms`,
  },
];

/** Asked only when every key by itself is right. */
export const relationErrors = (settings: Settings): string[] =>
  relations.filter(({ holds }) => !holds(settings)).map(({ message }) => message);
