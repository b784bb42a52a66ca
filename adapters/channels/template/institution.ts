/**
 * The simulated institution of this channel: the other end of `dialect.ts`. Change the two together; ledger, faults
 * and behaviour are shared (`../institution.ts`).
 */
import { jsonInstitution } from "../institution-json.js";
import type { InstitutionKind } from "../institution-server.js";
import { callbackPath, paths, prefix } from "./dialect.js";

export const templateKind = (secret: string): InstitutionKind => ({
  dialect: jsonInstitution({ prefix, secret, paths, callbackPath }),
  numberPrefix: "T",
});
