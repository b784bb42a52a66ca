/** Users of the console, as those who may manage them see them. */
import type { ChangedBy } from "../shared/ReasonDialog";
import { get, post, put, segment } from "./client";

export const roles = ["super", "system", "business"] as const;
export type Role = (typeof roles)[number];

export interface User {
  readonly name: string;
  readonly role: Role;
  readonly status: "active" | "locked";
  readonly hasPassword: boolean;
  readonly secondFactor: boolean;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  /** Absent: has never come in. */
  readonly lastLoginAtMs?: number;
}

/** A one-time link, shown once. */
export interface LinkAnswer {
  readonly link: string;
}

export const fetchUsers = async (signal?: AbortSignal): Promise<readonly User[]> =>
  (await get<{ readonly users: readonly User[] }>("/users", signal ? { signal } : {})).users;

/** @throws ApiError `user_exists`, `field_invalid` */
export const createUser = (
  user: { readonly name: string; readonly role: Role },
  by: ChangedBy,
): Promise<LinkAnswer> => post<LinkAnswer>("/users", { ...user, ...by });

/** @throws ApiError `last_administrator`, `user_unknown` */
export const changeUser = (
  name: string,
  to: { readonly role?: Role; readonly status?: User["status"] },
  by: ChangedBy,
): Promise<void> => put(`/users/${segment(name)}`, { ...to, ...by });

/** Voids the link before. @throws ApiError `user_unknown` when the user is locked */
export const makeLink = (name: string, by: ChangedBy): Promise<LinkAnswer> =>
  post<LinkAnswer>(`/users/${segment(name)}/link`, by);
