/**
 * Coming in, and what a user may change about himself.
 *
 * Whatever asks for a password counts as a failed attempt first, by name and by address, and is forgiven when it turns
 * out to be none: attempts that run side by side cannot slip through together, and one whose process dies stays
 * counted. Right password without the code is no failure and no success either: it takes back what it added and
 * forgives nothing, so that codes cannot be guessed in between.
 */
import type {
  AttemptKey,
  AttemptStore,
  Author,
  Clock,
  Credentials,
  Identity,
  IdentityStore,
  LoginRequest,
  LoginResult,
  NewSession,
  PasswordResult,
  ProposedFactor,
  RemovalResult,
  Session,
  SessionLimits,
  SignedIn,
  Telemetry,
  Throttled,
  User,
  UserChange,
} from "../../engine/ports/index.js";
import { type Right, rightsOf } from "../../engine/registry/rights.js";
import { proposeFactor, stepOf } from "./codes.js";
import { hashPassword, isPassword, passwordFlaw } from "./passwords.js";
import { newToken, tokenHash } from "./tokens.js";
import { waitAfter } from "./waits.js";

/** A one-time link is good for so long. */
const linkMs = 24 * 3_600_000;
/** Name of the user that exists before any other. */
export const firstUser = "admin";
const byProduct: Author = { author: "valence", reason: "first start" };
/** What is typed as a name may be anything; what is counted is bounded. */
const subjectCharsMax = 100;

export interface IdentityPorts {
  readonly store: IdentityStore;
  readonly attempts: AttemptStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export class Accounts implements Identity {
  constructor(
    private readonly ports: IdentityPorts,
    readonly limits: SessionLimits,
  ) {}

  async login({ name: typed, password, code, address }: LoginRequest): Promise<LoginResult> {
    const { store, attempts } = this.ports;
    const name = nameOf(typed);
    const keys = keysOf(name, address);
    const waiting = await this.#count(keys);
    if (waiting) return waiting;
    const found = await store.credentials(name);
    const refuse = async (
      why: string,
      refusal: "credentials_wrong" | "second_factor_needed" = "credentials_wrong",
    ): Promise<LoginResult> => {
      await store.refused({ ...(found ? { name } : {}), address, why });
      return { ok: false, code: refusal };
    };
    const matches = await isPassword(password, found?.passwordHash ?? null);
    if (!found) return refuse("no such user");
    if (!matches) return refuse(found.passwordHash === null ? "no password yet" : "wrong password");
    if (found.status !== "active") return refuse("locked");
    if (found.totpSecret !== null && code === undefined) {
      await attempts.forgive(keys, []);
      return { ok: false, code: "second_factor_needed" };
    }
    const step = this.#stepOf(found, code);
    // That the password is right he has been told already.
    if (step === "wrong") return refuse("wrong code", "second_factor_needed");
    const { token, session } = this.#newSession(address);
    const opened = await store.openByPassword(
      name,
      { passwordHash: found.passwordHash ?? "", ...(step === undefined ? {} : { step }) },
      session,
    );
    if (!opened && step !== undefined) return refuse("code used before", "second_factor_needed");
    if (!opened) return refuse("the user was changed meanwhile");
    await attempts.forgive(keys, keys.slice(0, 1));
    return { ok: true, signedIn: await this.#signedIn(token) };
  }

  async welcome(linkToken: string, address: string): Promise<SignedIn | undefined> {
    const { token, session } = this.#newSession(address);
    const opened = await this.ports.store.openByLink(tokenHash(linkToken), session);
    return opened ? this.#signedIn(token) : undefined;
  }

  session(token: string): Promise<Session | undefined> {
    return this.ports.store.session(tokenHash(token), this.limits, this.ports.clock.nowMs());
  }

  touch(token: string): Promise<void> {
    return this.ports.store.touch(tokenHash(token), this.ports.clock.nowMs());
  }

  logout(token: string): Promise<void> {
    return this.ports.store.close(tokenHash(token));
  }

  rightsOf({ role }: User): readonly Right[] {
    return rightsOf(role);
  }

  async setPassword(
    { user, byLink }: Session,
    { current, next }: { readonly current?: string; readonly next: string },
    address: string,
  ): Promise<PasswordResult> {
    const flaw = passwordFlaw(next);
    if (flaw !== undefined) return { ok: false, code: "password_unfit", why: flaw };
    const before = (await this.ports.store.credentials(user.name))?.passwordHash ?? null;
    if (before !== null && !byLink) {
      const refused = await this.#checkPassword(user.name, current ?? "", before, address);
      if (refused) return refused;
    }
    const { token, session } = this.#newSession(address);
    const changed = await this.ports.store.setPassword(user.name, await hashPassword(next), before, session);
    return changed
      ? { ok: true, signedIn: await this.#signedIn(token) }
      : { ok: false, code: "password_wrong" };
  }

  async proposeSecondFactor(user: User): Promise<ProposedFactor | undefined> {
    const proposed = proposeFactor(user.name);
    return (await this.ports.store.proposeSecondFactor(user.name, proposed.secret)) ? proposed : undefined;
  }

  async confirmSecondFactor(user: User, code: string): Promise<"confirmed" | "code-wrong" | "not-proposed"> {
    const secret = (await this.ports.store.credentials(user.name))?.totpProposed ?? null;
    if (secret === null) return "not-proposed";
    const step = stepOf(code, secret, this.ports.clock.nowMs());
    if (step === undefined) return "code-wrong";
    return (await this.ports.store.confirmSecondFactor(user.name, secret, step))
      ? "confirmed"
      : "not-proposed";
  }

  async removeSecondFactor(user: User, password: string, address: string): Promise<RemovalResult> {
    const hash = (await this.ports.store.credentials(user.name))?.passwordHash ?? null;
    const refused = await this.#checkPassword(user.name, password, hash, address);
    if (refused) return refused;
    await this.ports.store.removeSecondFactor(user.name);
    return { ok: true };
  }

  users(): Promise<readonly User[]> {
    return this.ports.store.users();
  }

  createUser(user: Pick<User, "name" | "role">, by: Author): Promise<boolean> {
    return this.ports.store.createUser(user, by);
  }

  changeUser(name: string, to: Partial<Pick<User, "role" | "status">>, by: Author): Promise<UserChange> {
    return this.ports.store.changeUser(name, to, by);
  }

  async link(name: string, by: Author): Promise<string | undefined> {
    const token = newToken();
    const expiresAtMs = this.ports.clock.nowMs() + linkMs;
    const put = await this.ports.store.putLink(name, { tokenHash: tokenHash(token), expiresAtMs }, by);
    return put ? token : undefined;
  }

  async firstLink(): Promise<string | undefined> {
    await this.ports.store.ensureFirst(firstUser);
    const supers = (await this.users()).filter(({ role, status }) => role === "super" && status === "active");
    const waits = supers.some(({ name }) => name === firstUser);
    // Once somebody else can make links, one more way in at every start would be a way in for whoever reads along.
    return waits && supers.every(({ hasPassword }) => !hasPassword)
      ? this.link(firstUser, byProduct)
      : undefined;
  }

  async #count(keys: readonly AttemptKey[]): Promise<Throttled | undefined> {
    const { attempts, clock, telemetry } = this.ports;
    const waitMs = await attempts.begin(keys, waitAfter, clock.nowMs());
    if (waitMs === 0) return undefined;
    telemetry.log("warn", { event: "login.throttled", waitMs: Math.ceil(waitMs) });
    return { ok: false, code: "login_throttled", waitMs };
  }

  /** For whoever is in already and must show that it is him. */
  async #checkPassword(
    name: string,
    password: string,
    hash: string | null,
    address: string,
  ): Promise<Throttled | { readonly ok: false; readonly code: "password_wrong" } | undefined> {
    const keys = keysOf(name, address);
    const waiting = await this.#count(keys);
    if (waiting) return waiting;
    if (!(await isPassword(password, hash))) return { ok: false, code: "password_wrong" };
    await this.ports.attempts.forgive(keys, []);
    return undefined;
  }

  /** Of the code; undefined without a second factor. */
  #stepOf({ totpSecret }: Credentials, code: string | undefined): number | "wrong" | undefined {
    if (totpSecret === null) return undefined;
    return stepOf(code ?? "", totpSecret, this.ports.clock.nowMs()) ?? "wrong";
  }

  #newSession(address: string): { readonly token: string; readonly session: NewSession } {
    const token = newToken();
    const atMs = this.ports.clock.nowMs();
    return { token, session: { tokenHash: tokenHash(token), csrf: newToken(), address, atMs } };
  }

  /** As it was just opened; a user locked in this very moment has none. @throws Error then */
  async #signedIn(token: string): Promise<SignedIn> {
    const session = await this.session(token);
    if (!session) throw new Error("the session ended as it began");
    return { session, token };
  }
}

const nameOf = (typed: string): string => typed.trim().toLowerCase();

/** The name first. */
const keysOf = (name: string, address: string): readonly AttemptKey[] => [
  { kind: "name", subject: name.slice(0, subjectCharsMax) },
  { kind: "address", subject: address.slice(0, subjectCharsMax) },
];
