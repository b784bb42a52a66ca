/** From the socket to a plain JSON object: size, encoding, syntax, and what no store could keep. */
import type { Readable } from "node:stream";
import { problemOf } from "../../engine/errors.js";
import type { Row } from "../../engine/ports/store.js";
import { refuse, Refusal } from "./answer.js";

/** So much of a body that is too large is read and dropped, so that the sender gets to see the 413. */
const discardBytesMax = 8 * 1024 * 1024;

/** @throws Refusal `body_too_large` */
export function readBody(stream: Readable, announcedBytes: number, bytesMax: number): Promise<Buffer> {
  const tooLarge = (readable: boolean): Refusal => {
    const problem = problemOf("body_too_large", `The body may have ${bytesMax} bytes.`);
    return new Refusal(problem, readable ? {} : { connection: "close" });
  };
  if (announcedBytes > discardBytesMax) return Promise.reject(tooLarge(false));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (end: () => void): void => {
      stream.off("data", onData).off("end", onEnd).off("error", onError).off("close", onClose);
      end();
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      if (bytes <= discardBytesMax) return;
      stream.pause();
      settle(() => reject(tooLarge(false)));
    };
    const onEnd = (): void =>
      settle(() => (bytes <= bytesMax ? resolve(joined(chunks)) : reject(tooLarge(true))));
    const onError = (error: Error): void => settle(() => reject(error));
    const onClose = (): void => settle(() => reject(new Error("the body ended early")));
    stream.on("data", onData).on("end", onEnd).on("error", onError).on("close", onClose);
  });
}

const joined = (chunks: readonly Buffer[]): Buffer =>
  chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The body as an object. Of a key given twice the last one counts, here and everywhere after: what was validated is
 * what is charged.
 *
 * @throws Refusal `content_type_unsupported`, `malformed_json`, `body_not_object`, `field_invalid`
 */
export function parseObject(contentType: string | undefined, bytes: Uint8Array): Row {
  const mediaType = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== "application/json")
    throw refuse("content_type_unsupported", "Send content-type: application/json.");
  const value = parse(bytes);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refuse("body_not_object", "The body must be one JSON object.");
  }
  const why = unfit(value);
  if (why) throw refuse("field_invalid", why);
  return value as Row;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    // The parser's own words quote the body, which may hold what must not be shown.
    throw refuse("malformed_json", "The body cannot be read as JSON in UTF-8.");
  }
}

/** Nothing that integrators send is nested deeper; recursion over it stays harmless everywhere. */
const depthMax = 16;

/** NUL and lone surrogates: valid JSON that PostgreSQL refuses, which would poison the run after it was accepted. */
const unstorable = /\0|\p{Surrogate}/u;

/** Why the value cannot be carried, or undefined. Iterative: the depth is the sender's choice. */
function unfit(root: object): string | undefined {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === "string" && unstorable.test(value))
      return "Text may not contain NUL or unpaired surrogates.";
    // Written again it would be null. At the top the field's own schema says what is wrong.
    if (typeof value === "number" && depth > 1 && !Number.isFinite(value))
      return "A number is larger than any that can be carried.";
    if (typeof value !== "object" || value === null) continue;
    if (depth >= depthMax) return `The body may be nested ${depthMax} levels deep.`;
    for (const [key, member] of Object.entries(value)) {
      // At the top it is reported as the unknown field it is.
      if (depth > 0 && key === "__proto__") return "__proto__ is not allowed as a key.";
      if (unstorable.test(key)) return "Keys may not contain NUL or unpaired surrogates.";
      open.push({ value: member, depth: depth + 1 });
    }
  }
  return undefined;
}
