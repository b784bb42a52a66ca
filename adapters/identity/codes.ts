/** The second factor: codes of an authenticator app, RFC 6238 (SHA-1, six digits, 30 s: what every app can do). */
import { Secret, TOTP } from "otpauth";
import type { ProposedFactor } from "../../engine/ports/identity.js";

const issuer = "Valence";
const stepMs = 30_000;
/** Clocks of phones differ: the code before and the one after are taken, too. */
const windowSteps = 1;

const totpOf = (secret: string, label: string): TOTP =>
  new TOTP({ issuer, label, secret: Secret.fromBase32(secret), algorithm: "SHA1", digits: 6, period: 30 });

/** 160 random bits. */
export function proposeFactor(userName: string): ProposedFactor {
  const secret = new Secret({ size: 20 }).base32;
  return { secret, uri: totpOf(secret, userName).toString() };
}

/** The time step `code` belongs to; undefined when it is none of this secret around `atMs`. */
export function stepOf(code: string, secret: string, atMs: number): number | undefined {
  const token = code.replaceAll(/\s/g, "");
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = totpOf(secret, "").validate({ token, timestamp: atMs, window: windowSteps });
  return delta === null ? undefined : Math.floor(atMs / stepMs) + delta;
}
