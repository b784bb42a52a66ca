/** Who is signed in: the calls and types of the API's session. */
import { get, keepCsrf, post, remove } from "./client";

/** What a role allows; the API checks each call, the console only hides what would be refused. */
export type Right =
  | "watch"
  | "orders.read"
  | "orders.act"
  | "orders.refund"
  | "queues.act"
  | "channels.switch"
  | "routes.change"
  | "flows.change"
  | "users.manage"
  | "audit.read";

export interface SessionUser {
  readonly name: string;
  readonly role: string;
  readonly rights: readonly Right[];
  readonly secondFactor: boolean;
  /** False after the one-time link of the first run, until a password is set. */
  readonly hasPassword: boolean;
}

export interface Session {
  readonly user: SessionUser;
  /** Goes into `x-csrf-token` of every change. */
  readonly csrf: string;
  /** Opened by a one-time link: a password may be chosen without the one before. */
  readonly byLink?: boolean;
  /** Without a person's doing for so long, the session ends. */
  readonly idleMsMax: number;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
  /** Of the second factor; sent when the API asks for it with `second_factor_needed`. */
  readonly code?: string;
}

const path = "/session";

const kept = (session: Session): Session => {
  keepCsrf(session.csrf);
  return session;
};

/** @throws ApiError `admin_unauthorized` when nobody is signed in */
export const fetchSession = async (signal?: AbortSignal): Promise<Session> =>
  kept(await get<Session>(path, signal ? { signal } : {}));

/** @throws ApiError `credentials_wrong`, `second_factor_needed`, `login_throttled` */
export const signIn = async (credentials: Credentials): Promise<Session> =>
  kept(await post<Session>(path, credentials));

/** @throws ApiError `link_used` */
export const enterByLink = async (token: string): Promise<Session> =>
  kept(await post<Session>(`${path}/welcome`, { token }));

export const signOut = async (): Promise<void> => {
  await remove(path);
  keepCsrf("");
};
