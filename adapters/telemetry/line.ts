/** One log event as one line. Never throws: what cannot be written is said to be so. */
import { maskValue } from "../../engine/dictionary.js";
import type { LogEvent, LogLevel } from "../../engine/ports/telemetry.js";

export interface LineContext {
  readonly atMs: number;
  readonly level: LogLevel;
  readonly service: string;
  readonly instance: string;
  /** True for names of fields that are shown masked, at any depth of the event. */
  readonly sensitive: (name: string) => boolean;
}

export type LineFormat = (event: LogEvent, context: LineContext) => string;

const ours = new Set(["at", "level", "service", "instance"]);

const plainError = (error: Error): Record<string, unknown> => ({
  name: error.name,
  message: error.message,
  ...("code" in error ? { code: error.code } : {}),
  stack: error.stack,
  ...(error.cause === undefined ? {} : { cause: error.cause }),
});

function text(value: unknown, sensitive: LineContext["sensitive"]): string {
  return (
    JSON.stringify(value, (name, inner: unknown) => {
      if (inner !== undefined && inner !== null && sensitive(name)) return maskValue(inner);
      if (inner instanceof Error) return plainError(inner);
      return typeof inner === "bigint" ? inner.toString() : inner;
    }) ?? "null"
  );
}

/** `{"at":"…","level":"warn","service":…,"instance":…,"event":"run.parked",…}` */
export const jsonLine: LineFormat = (event, context) => {
  const { atMs, level, service, instance, sensitive } = context;
  const head = { at: new Date(atMs).toISOString(), level, service, instance, event: event.event };
  // An event cannot pass itself off as another level or process.
  const body = Object.entries(event).map(
    ([name, value]) => [ours.has(name) ? `${name}_` : name, value] as const,
  );
  try {
    return text({ ...head, ...Object.fromEntries(body) }, sensitive);
  } catch (error) {
    return JSON.stringify({ ...head, unloggable: String(error) });
  }
};

/** `12:00:00.000 warn  run.parked runId=018f… reason="no such order"`: values with spaces or quotes as JSON. */
export const textLine: LineFormat = (event, { atMs, level, sensitive }) => {
  const time = new Date(atMs).toISOString().slice(11, 23);
  const pairs = Object.entries(event)
    .filter(([name, value]) => name !== "event" && value !== undefined)
    .map(([name, value]) => {
      try {
        const written = text(sensitive(name) && value !== null ? maskValue(value) : value, sensitive);
        return `${name}=${/^"[^\s"\\=]+"$/.test(written) ? written.slice(1, -1) : written}`;
      } catch (error) {
        return `${name}=<${String(error).split("\n")[0]}>`;
      }
    });
  return [time, level.padEnd(5), event.event, ...pairs].join(" ");
};
