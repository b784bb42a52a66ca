/** The institution's side of this folder: which one it is. How institutions behave is shared, one folder up. */
import { jsonInstitution } from "../institution-json.js";
import {
  startInstitution,
  type InstitutionKind,
  type InstitutionOptions,
  type RunningInstitution,
} from "../institution-server.js";
import { callbackPath, paths, prefix } from "./dialect.js";

/** @param secret HMAC secret shared with the driver, UTF-8 text. */
export const simulatorKind = (secret: string): InstitutionKind => ({
  dialect: jsonInstitution({ prefix, secret, paths, callbackPath }),
  numberPrefix: "SIM",
});

export interface SimulatorOptions extends InstitutionOptions {
  readonly secret: string;
}

/** @throws when the port is taken or the ledger file is damaged. */
export const startSimulator = ({ secret, ...options }: SimulatorOptions): Promise<RunningInstitution> =>
  startInstitution(simulatorKind(secret), options);
