/** A user as a row. */
import type { User } from "../../../../engine/ports/identity.js";

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint`;

/** Of `config.users u`. */
export const userColumns = `u.name, u.role, u.status, u.password_hash is not null as "hasPassword",
  u.totp_secret is not null as "secondFactor", ${ms("u.created_at")} as "createdAtMs",
  ${ms("u.changed_at")} as "changedAtMs", ${ms("u.last_login_at")} as "lastLoginAtMs"`;

export interface UserRow extends Omit<User, "lastLoginAtMs"> {
  readonly lastLoginAtMs: number | null;
}

export const userOf = (row: UserRow): User => {
  const { name, role, status, hasPassword, secondFactor, createdAtMs, changedAtMs, lastLoginAtMs } = row;
  return {
    ...{ name, role, status, hasPassword, secondFactor, createdAtMs, changedAtMs },
    ...(lastLoginAtMs === null ? {} : { lastLoginAtMs }),
  };
};
