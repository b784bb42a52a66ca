/** The log of one process on winston: one line per event, on stderr; stdout belongs to what a command prints. */
import winston from "winston";
import type { LogEvent, LogLevel, Telemetry } from "../../engine/ports/telemetry.js";
import { jsonLine, textLine } from "./line.js";

export interface LogOptions {
  /** The least severe level that is written. */
  readonly level: LogLevel;
  readonly format: "json" | "text";
  /** Which module: `bridge`, `flow`, `up`. */
  readonly service: string;
  /** Which of its processes. */
  readonly instance: string;
  /** True for names of fields that are masked wherever they stand in an event (dictionary class `mask`, `seal`). */
  readonly sensitive?: (name: string) => boolean;
  /** Where the lines go; default stderr. */
  readonly sink?: NodeJS.WritableStream;
}

const levels: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };
/** Winston formats before it knows the line: the finished one travels under its symbol. */
const finished = Symbol.for("message");

export function createLog(options: LogOptions): Required<Pick<Telemetry, "log" | "logs">> {
  const { service, instance, sensitive = () => false } = options;
  const line = options.format === "json" ? jsonLine : textLine;
  const logger = winston.createLogger({
    levels: { ...levels },
    level: options.level,
    format: winston.format((info) => {
      const context = { atMs: Date.now(), level: info.level as LogLevel, service, instance, sensitive };
      return { ...info, [finished]: line(info["content"] as LogEvent, context) };
    })(),
    transports: [new winston.transports.Stream({ stream: options.sink ?? process.stderr, eol: "\n" })],
  });
  const logs = (level: LogLevel): boolean => levels[level] <= levels[options.level];
  return {
    logs,
    log: (level, event) => {
      // The event travels whole under one name, out of reach of winston's own ideas about `message` and `level`.
      if (logs(level)) logger.log({ level, message: event.event, content: event });
    },
  };
}
