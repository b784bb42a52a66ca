/** The admin API of a real kernel on a database of its own, with a clock for sessions that can be put forward. */
import { randomUUID } from "node:crypto";
import { type Admin, createAdmin } from "../../adapters/http/admin/admin.js";
import { adminServices } from "../../adapters/compose/admin-services.js";
import { createIdentity } from "../../adapters/compose/identity.js";
import { createKernel, type Kernel } from "../../adapters/compose/kernel.js";
import { loadSettings, type PartialSettings } from "../../adapters/settings/index.js";
import { systemClock } from "../../adapters/system/clock.js";
import type { Identity } from "../../engine/ports/index.js";
import type { Role } from "../../engine/registry/rights.js";
import { freshDatabase, type TestDatabase } from "./postgres.js";

export const adminToken = "an-admin-token-of-this-test";
export const password = "correct horse battery";

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Asked {
  readonly cookie?: string;
  readonly csrf?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody who is signed in. */
export interface Person {
  readonly cookie: string;
  readonly csrf: string;
}

export class AdminWorld {
  private constructor(
    readonly database: TestDatabase,
    readonly kernel: Kernel,
    readonly admin: Admin,
    readonly identity: Identity,
    readonly url: string,
    private readonly shift: { forwardMs: number },
  ) {}

  static async open(settings: PartialSettings = {}): Promise<AdminWorld> {
    const database = await freshDatabase();
    const kernel = await createKernel({
      settings: loadSettings({
        overrides: { database: { url: database.url }, log: { level: "error" }, ...settings },
      }),
      service: "test",
      edgeOnly: false,
    });
    const shift = { forwardMs: 0 };
    const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + shift.forwardMs };
    const identity = createIdentity({ ...kernel, clock });
    const admin = await createAdmin({ ...adminServices(kernel, adminToken, identity), clock });
    const url = await admin.listen(0, "127.0.0.1");
    return new AdminWorld(database, kernel, admin, identity, url, shift);
  }

  async close(): Promise<void> {
    await this.admin.close();
    await this.kernel.close();
    await this.database.drop();
  }

  /** Time passes for sessions, links and waits. */
  forward(ms: number): void {
    this.shift.forwardMs += ms;
  }

  nowMs(): number {
    return systemClock.nowMs() + this.shift.forwardMs;
  }

  /** Nobody has failed yet. */
  forgetAttempts(): Promise<unknown> {
    return this.kernel.database.pool.query("delete from config.login_attempts");
  }

  async ask(method: string, path: string, asked: Asked = {}): Promise<Answered> {
    const { cookie, csrf, body, headers } = asked;
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(cookie === undefined ? {} : { cookie }),
        ...(csrf === undefined ? {} : { "x-csrf-token": csrf }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get("content-type") ?? "").includes("json") && text !== "";
    const parsed = isJson ? (JSON.parse(text) as Answered["body"]) : {};
    return { status: response.status, headers: response.headers, body: parsed };
  }

  /** As a program with the token. */
  byToken(method: string, path: string, body?: unknown): Promise<Answered> {
    const headers = { authorization: `Bearer ${adminToken}` };
    return this.ask(method, path, { headers, ...(body === undefined ? {} : { body }) });
  }

  /** A new user of this role who has chosen `password`, signed in. */
  async person(
    role: Role,
    name = `p${randomUUID().slice(0, 8)}`,
  ): Promise<Person & { readonly name: string }> {
    const made = await this.byToken("POST", "/admin/v1/users", { name, role, author: "ann", reason: "test" });
    const welcomed = await this.welcome(tokenOf(String(made.body["link"])));
    const chosen = await this.ask("PUT", "/admin/v1/session/password", {
      ...personOf(welcomed),
      body: { password },
    });
    return { name, ...personOf(chosen) };
  }

  welcome(token: string): Promise<Answered> {
    return this.ask("POST", "/admin/v1/session/welcome", { body: { token } });
  }

  login(name: string, more: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return this.ask("POST", "/admin/v1/session", { body: { name, password, ...more } });
  }
}

/** Status and problem code. */
export const codeOf = ({ status, body }: Answered): readonly unknown[] => [status, body["code"]];

/** The token in a one-time link. */
export const tokenOf = (link: string): string => link.split("#")[1] ?? "";

/** What the browser keeps of an answer that signed somebody in. @throws Error with the answer when it did not */
export function personOf({ status, headers, body }: Answered): Person {
  const cookie = headers.get("set-cookie")?.split(";")[0];
  if (status !== 200 || cookie === undefined)
    throw new Error(`not signed in: ${status} ${JSON.stringify(body)}`);
  return { cookie, csrf: String(body["csrf"]) };
}
