/** What ties a plan to the atoms it was compiled against. */
import type { AtomSpec } from "../atom.js";
import { contentHash } from "./canonical.js";

/**
 * SHA-256 over everything an atom declares, and over whether it can inquire, but not over how it does what it does:
 * that is what `version` is for. The runtime compares it with the atoms it holds.
 */
export function signatureOf(atom: AtomSpec): string {
  const known = signatures.get(atom);
  if (known !== undefined) return known;
  const declared = Object.entries(atom).filter(([, value]) => typeof value !== "function");
  const signature = contentHash({ ...Object.fromEntries(declared), inquire: atom.inquire !== undefined });
  signatures.set(atom, signature);
  return signature;
}

/** Declarations never change, and every process that starts looks at all of them. */
const signatures = new WeakMap<AtomSpec, string>();
