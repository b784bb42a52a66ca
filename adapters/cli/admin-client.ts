/** The admin API of the running system, as the operational commands call it. */
import { userInfo } from "node:os";
import type { Problem } from "../../engine/errors.js";
import { ask, dataDirOf, readDemo } from "./demo.js";
import { CannotDo } from "./failure.js";

export interface AdminTarget {
  readonly url: string;
  readonly token: string;
}

/** The admin API refused; `body` is the problem with its extension members. */
export class AdminRefusal extends CannotDo {
  constructor(
    readonly status: number,
    readonly body: Problem & Readonly<Record<string, unknown>>,
  ) {
    super(`${body.code}: ${body.detail}`);
  }
}

/**
 * `--data`, else VALENCE_ADMIN_URL with VALENCE_ADMIN_TOKEN, else the usual data directory.
 * @throws CannotDo when none of them leads to a system
 */
export function adminTarget(data: string | undefined): AdminTarget {
  const { VALENCE_ADMIN_URL: url, VALENCE_ADMIN_TOKEN: token } = process.env;
  if (data === undefined && url !== undefined) {
    if (token === undefined)
      throw new CannotDo("VALENCE_ADMIN_URL is set, VALENCE_ADMIN_TOKEN is not: set both");
    return { url: url.replace(/\/+$/, ""), token };
  }
  const { admin, adminToken } = readDemo(dataDirOf(data));
  return { url: admin, token: adminToken };
}

/** @throws AdminRefusal for a problem, CannotDo when nobody (or somebody else) answers */
export async function callAdmin<Answer>(
  { url, token }: AdminTarget,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await ask(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  if (response.ok && type.startsWith("application/json")) return JSON.parse(text) as Answer;
  if (!type.startsWith("application/problem+json"))
    throw new CannotDo(`${url} does not answer like an admin API: HTTP ${response.status}`);
  throw new AdminRefusal(response.status, JSON.parse(text) as AdminRefusal["body"]);
}

/** Who the audit names when `--author` does not say. */
export function defaultAuthor(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id without a name.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
