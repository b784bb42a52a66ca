import { type ErrorCode, problemOf } from "../engine/errors.js";
import type { Fields } from "./fields.js";

/** A problem as the field `problem` carries it. */
export function problemField(code: ErrorCode, detail: string): Fields["problem"] {
  const { type, title, status } = problemOf(code, detail);
  return { type, title, status, code, detail };
}
