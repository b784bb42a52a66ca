/**
 * Where people who operate the system are kept. What proves somebody (a password, a link, a session's token) is stored
 * as a digest only. Every method that changes something writes its audit line in the same commit: either both are there
 * or neither.
 */
import type { Author } from "./author.js";
import type { Session, SessionLimits, User, UserChange, UserStatus } from "./identity.js";

/** What a login is checked against. Never leaves the server. */
export interface Credentials {
  readonly name: string;
  readonly status: UserStatus;
  /** Argon2id in PHC form. */
  readonly passwordHash: string | null;
  /** Base32; null: no second factor. */
  readonly totpSecret: string | null;
  /** Proposed and not yet confirmed by a code. */
  readonly totpProposed: string | null;
}

export interface NewSession {
  /** SHA-256 of what the cookie carries, hexadecimal. */
  readonly tokenHash: string;
  readonly csrf: string;
  readonly address: string;
  readonly atMs: number;
}

export interface IdentityStore {
  users(): Promise<readonly User[]>;
  credentials(name: string): Promise<Credentials | undefined>;
  /** Makes the super administrator `name`, without a password, if there is no user at all. */
  ensureFirst(name: string): Promise<void>;
  /** @returns false when the name is taken */
  createUser(user: Pick<User, "name" | "role">, by: Author): Promise<boolean>;
  /** Ends the user's sessions when anything changed. The last active super administrator stays what he is. */
  changeUser(name: string, to: Partial<Pick<User, "role" | "status">>, by: Author): Promise<UserChange>;

  /** The one-time link of a user, which voids the one before. @returns false when no active user has the name */
  putLink(
    name: string,
    link: { readonly tokenHash: string; readonly expiresAtMs: number },
    by: Author,
  ): Promise<boolean>;
  /** Uses the link up and opens the session. @returns false when it is used, voided or expired, or its user locked */
  openByLink(linkHash: string, session: NewSession): Promise<boolean>;

  /**
   * Opens a session of a user whose password was found to be the one of `proof.passwordHash`, and `proof.step` the
   * step of his code. @returns false when he was locked or changed his password meanwhile, or the code was used
   */
  openByPassword(
    name: string,
    proof: { readonly passwordHash: string; readonly step?: number },
    session: NewSession,
  ): Promise<boolean>;
  /** The session that lives at `atMs`; of a locked user there is none. */
  session(tokenHash: string, limits: SessionLimits, atMs: number): Promise<Session | undefined>;
  /** Somebody did something in it. */
  touch(tokenHash: string, atMs: number): Promise<void>;
  close(tokenHash: string): Promise<void>;
  /** Written down for a login that was refused; `known` false: `name` is what a stranger typed, and is not kept. */
  refused(refusal: { readonly name?: string; readonly address: string; readonly why: string }): Promise<void>;

  /**
   * Sets the password unless it is no longer the one of `before`; ends every session of the user and opens
   * `session`. @returns false when it was changed meanwhile
   */
  setPassword(name: string, hash: string, before: string | null, session: NewSession): Promise<boolean>;
  /** @returns false when there is a second factor already, or no password to stand beside it */
  proposeSecondFactor(name: string, secret: string): Promise<boolean>;
  /** The proposed secret is in force from now on; the code of `step` is used. @returns false when it was replaced */
  confirmSecondFactor(name: string, secret: string, step: number): Promise<boolean>;
  removeSecondFactor(name: string): Promise<void>;
}

/** Attempts that failed, counted by name and by address; they outlive a restart. */
export interface AttemptStore {
  /**
   * Counts an attempt on every key before it is known how it ends, so that attempts side by side cannot all be the
   * first; or none, when one of them has to wait. @returns milliseconds to wait, 0 when it was counted
   */
  begin(keys: readonly AttemptKey[], nextWaitMs: (failures: number) => number, atMs: number): Promise<number>;
  /** The attempt proved to be no failure. `forget`: everything counted on these keys is forgiven. */
  forgive(keys: readonly AttemptKey[], forget: readonly AttemptKey[]): Promise<void>;
}

export interface AttemptKey {
  readonly kind: "name" | "address";
  readonly subject: string;
}
