/** Queue templates of stages against the queues that modules serve. */
import type { QueuePattern } from "./vocabulary.js";

const template = /^\{(.+)\}$/;
const word = /^[a-z][a-z0-9-]*$/;

/** `channel.{channel}.follow` reads `channel`. */
export const queueReads = (queue: string): readonly string[] =>
  queue.split(".").flatMap((part) => template.exec(part)?.[1] ?? []);

/** `*` takes any fixed word; `{field}` takes itself, or a fixed word in its place. */
function partMatches(pattern: string, part: string): boolean {
  if (pattern === part) return true;
  return (pattern === "*" || template.test(pattern)) && word.test(part);
}

export const isServed = (queue: string, patterns: readonly QueuePattern[]): boolean =>
  patterns.some(({ pattern }) => {
    const parts = pattern.split(".");
    const given = queue.split(".");
    return parts.length === given.length && parts.every((part, index) => partMatches(part, given[index]!));
  });
