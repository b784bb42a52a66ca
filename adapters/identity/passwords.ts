/** Passwords: what may be one, and what is kept of it. */
import { hash, verify } from "@node-rs/argon2";
import { randomBytes } from "node:crypto";

/** NIST SP 800-63B: length is what counts; no rule about what a password is made of. */
const lengthMin = 12;
/** Hashing takes as long as the text is; nobody types more. */
const lengthMax = 256;

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. Kept in each hash, so that it can grow. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** The same characters typed on another machine are the same password. */
const normalized = (password: string): string => password.normalize("NFKC");

/** Why a text cannot be a password; undefined when it can. */
export function passwordFlaw(password: string): string | undefined {
  const length = [...normalized(password)].length;
  if (length < lengthMin) return `must have at least ${lengthMin} characters`;
  return length > lengthMax ? `may have ${lengthMax} characters` : undefined;
}

/** Argon2id in PHC form, with a salt of its own. */
export const hashPassword = (password: string): Promise<string> => hash(normalized(password), cost);

/** What nobody's password is compared with, so that an unknown name takes as long as a known one. */
const nobodys = hash(randomBytes(32), cost);
// It is asked for by the first login; a failure is reported there.
nobodys.catch(() => undefined);

/** Takes as long without a hash as with one, and is false then. */
export async function isPassword(password: string, passwordHash: string | null): Promise<boolean> {
  const tooLong = password.length > 4 * lengthMax;
  const matches = await verify(passwordHash ?? (await nobodys), tooLong ? "" : normalized(password));
  return matches && passwordHash !== null && !tooLong;
}
