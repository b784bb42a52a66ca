/** What the routes share; made once by `createBridge`. */
import type { Authenticate } from "./authenticate.js";
import type { BridgeDeps } from "./deps.js";
import type { ValidateBody } from "./validate.js";
import type { Waiters } from "./waiters.js";

export interface BridgeContext {
  readonly deps: BridgeDeps;
  readonly authenticate: Authenticate;
  readonly validateBody: ValidateBody;
  readonly waiters: Waiters;
}
