/** Tokens that prove somebody: 256 random bits. The store keeps their digest, which needs no salt. */
import { createHash, randomBytes } from "node:crypto";

export const newToken = (): string => randomBytes(32).toString("base64url");

/** SHA-256, hexadecimal. */
export const tokenHash = (token: string): string => createHash("sha256").update(token).digest("hex");
