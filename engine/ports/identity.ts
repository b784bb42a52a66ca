/** People who operate the system: who they are, how they come in, what the admin API asks about them. */
import type { Right, Role } from "../registry/rights.js";
import type { Author } from "./author.js";

/** A locked user cannot come in; nothing of what he did is lost. */
export type UserStatus = "active" | "locked";

export interface User {
  /** Lower case, never changed: the audit names it. */
  readonly name: string;
  readonly role: Role;
  readonly status: UserStatus;
  /** False: came by a link so far, and chose no password yet. */
  readonly hasPassword: boolean;
  /** A code is asked for beside the password. */
  readonly secondFactor: boolean;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  /** Absent: has never come in. */
  readonly lastLoginAtMs?: number;
}

export interface Session {
  readonly user: User;
  /** What the page must repeat in the header of every change. */
  readonly csrf: string;
  /** Opened by a one-time link: a password may be chosen without the one before. */
  readonly byLink: boolean;
  /** When somebody last did something in it. */
  readonly lastActiveAtMs: number;
}

/** A session idle for longer than `idleMsMax`, or older than `ageMsMax`, is none. */
export interface SessionLimits {
  readonly idleMsMax: number;
  readonly ageMsMax: number;
}

export type UserChange = "changed" | "unknown" | "last-administrator";

/** A session that was just opened; `token` goes into the cookie and is kept nowhere. */
export interface SignedIn {
  readonly session: Session;
  readonly token: string;
}

export interface LoginRequest {
  readonly name: string;
  readonly password: string;
  /** Of the second factor. */
  readonly code?: string;
  /** Where it comes from. */
  readonly address: string;
}

export type Throttled = { readonly ok: false; readonly code: "login_throttled"; readonly waitMs: number };

export type LoginResult =
  | { readonly ok: true; readonly signedIn: SignedIn }
  | { readonly ok: false; readonly code: "credentials_wrong" | "second_factor_needed" }
  | Throttled;

export type PasswordResult =
  | { readonly ok: true; readonly signedIn: SignedIn }
  | { readonly ok: false; readonly code: "password_wrong" }
  /** `why`: for the person who chose it. */
  | { readonly ok: false; readonly code: "password_unfit"; readonly why: string }
  | Throttled;

export type RemovalResult =
  { readonly ok: true } | { readonly ok: false; readonly code: "password_wrong" } | Throttled;

/** What an authenticator app is given, as text and as an otpauth:// URI to draw as a QR code. */
export interface ProposedFactor {
  readonly secret: string;
  readonly uri: string;
}

export interface Identity {
  readonly limits: SessionLimits;
  /**
   * As much work for a name nobody has as for any other. `second_factor_needed`: the password is right, and the code is
   * missing, wrong or used.
   */
  login(request: LoginRequest): Promise<LoginResult>;
  /** Undefined: the link is used, replaced or expired. */
  welcome(linkToken: string, address: string): Promise<SignedIn | undefined>;
  session(token: string): Promise<Session | undefined>;
  /** Somebody did something in it: it is idle from now on. */
  touch(token: string): Promise<void>;
  logout(token: string): Promise<void>;
  rightsOf(user: User): readonly Right[];

  /** Ends every session of the user and opens a new one. `current` is not asked for in a session opened by a link. */
  setPassword(
    session: Session,
    passwords: { readonly current?: string; readonly next: string },
    address: string,
  ): Promise<PasswordResult>;
  /** Undefined: there is a second factor already, or no password it would stand beside. */
  proposeSecondFactor(user: User): Promise<ProposedFactor | undefined>;
  confirmSecondFactor(user: User, code: string): Promise<"confirmed" | "code-wrong" | "not-proposed">;
  removeSecondFactor(user: User, password: string, address: string): Promise<RemovalResult>;

  users(): Promise<readonly User[]>;
  /** @returns false when the name is taken */
  createUser(user: Pick<User, "name" | "role">, by: Author): Promise<boolean>;
  changeUser(name: string, to: Partial<Pick<User, "role" | "status">>, by: Author): Promise<UserChange>;
  /** The token of a new one-time link; undefined when no active user has the name. */
  link(name: string, by: Author): Promise<string | undefined>;
  /**
   * The token of a fresh link for the very first administrator, whom it makes when there is no user; undefined when
   * somebody can manage users already.
   */
  firstLink(): Promise<string | undefined>;
}
