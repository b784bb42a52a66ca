/** Options that several commands share. */
import { Option } from "commander";

export const dataOption = (): Option =>
  new Option("--data <dir>", "folder of everything that is kept here (default: .valence)");
export const jsonOption = (): Option => new Option("--json", "print JSON");
export const databaseOption = (): Option =>
  new Option("--database <url>", "PostgreSQL to use (default: the embedded one under --data)");
export const busOption = (): Option =>
  new Option("--bus <url>", "message bus: postgres (default), amqp://… or nats://…");
export const configOption = (): Option =>
  new Option("--config <file>", "settings that differ from the defaults");

/** Kept by the audit with every change. */
export const reasonOption = (): Option =>
  new Option("--reason <text>", "why; the audit keeps it").makeOptionMandatory();
export const authorOption = (): Option =>
  new Option("--author <name>", "who; the audit keeps it (default: the user of this machine)");

export interface SystemOptions {
  readonly data?: string;
  readonly database?: string;
  readonly bus?: string;
  readonly config?: string;
}
