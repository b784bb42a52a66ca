/** What a person changes about their own way in. */
import { keepCsrf, post, put, remove } from "./client";
import type { Session } from "./session";

export interface Passwords {
  /** The one before; not asked for in a session that a one-time link opened. */
  readonly current?: string;
  readonly password: string;
}

/** What an authenticator app is given. */
export interface ProposedFactor {
  /** Base32, to be typed where no camera is at hand. */
  readonly secret: string;
  /** The same as an otpauth:// address, to be drawn as a QR code. */
  readonly uri: string;
}

/**
 * Every session of the person ends; this browser gets a new one.
 * @throws ApiError `password_wrong`, `field_invalid`, `login_throttled`
 */
export async function changePassword(passwords: Passwords): Promise<Session> {
  const session = await put<Session>("/session/password", passwords);
  keepCsrf(session.csrf);
  return session;
}

const factor = "/session/second-factor";

/** @throws ApiError `second_factor_state` */
export const proposeSecondFactor = (): Promise<ProposedFactor> => post<ProposedFactor>(factor);

/** @throws ApiError `field_invalid` when the code is not the one the app shows, `second_factor_state` */
export const confirmSecondFactor = (code: string): Promise<void> => put(factor, { code });

/** @throws ApiError `password_wrong`, `login_throttled` */
export const removeSecondFactor = (password: string): Promise<void> => remove(factor, { password });
