/** What the admin API serves about channels and routing rules. */
import type {
  ChannelState,
  ChargesWaiting,
  DrainStatus,
  RouteSet,
  SwitchChange,
} from "../../../engine/ports/index.js";
import type { Author } from "../../../engine/registry/definitions.js";
import type { RouteCheck } from "../../../engine/registry/route-check.js";
import type { RoutesResult } from "../../../engine/registry/routes.js";
import type { RouteChoice } from "../../../engine/registry/routing.js";
import type { DefinitionFile } from "../../../engine/schema/definitions.js";

/** An order that nobody places: which channel would it choose? */
export interface RouteTrial {
  readonly amount: number;
  readonly currency: string;
  readonly type: string;
  readonly merchantId: string;
  readonly method?: string;
  readonly business?: string;
  /** The channel the integrator names. */
  readonly channel?: string;
}

export interface ChannelView extends ChannelState {
  readonly charges: ChargesWaiting;
}

export interface RouteServices {
  channels(): Promise<readonly ChannelView[]>;
  /** @throws ValenceError `channel_unknown`, `redirect_invalid` */
  switchTo(change: SwitchChange): Promise<void>;
  /** @throws ValenceError `channel_unknown` */
  drainStatus(channel: string): Promise<DrainStatus>;
  /** In force now; undefined on a system nobody has started yet. */
  rules(): Promise<RouteSet | undefined>;
  /** Newest first. */
  ruleHistory(): Promise<readonly RouteSet[]>;
  checkRules(file: DefinitionFile): Promise<RouteCheck>;
  /** @throws ValenceError `rules_superseded` */
  applyRules(file: DefinitionFile, by: Author, expectedVersion: number | undefined): Promise<RoutesResult>;
  /** @throws ValenceError `version_unknown`, `rules_superseded` */
  rollbackRules(by: Author, to: number | undefined): Promise<RoutesResult>;
  tryRoute(trial: RouteTrial): Promise<RouteChoice>;
}
