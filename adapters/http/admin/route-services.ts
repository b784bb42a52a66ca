/** What the admin API serves about channels and routing rules. */
import type {
  ChannelState,
  ChargesWaiting,
  DrainStatus,
  RouteSet,
  SwitchChange,
} from "../../../engine/ports/index.js";
import type { Author } from "../../../engine/ports/author.js";
import type { RouteCheck } from "../../../engine/registry/route-check.js";
import type { TrialReport } from "../../../engine/registry/route-trial.js";
import type { RouteVocabulary } from "../../../engine/registry/route-vocabulary.js";
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

/** Orders to try rules on: the last ones that were logged, or some that nobody places. */
export type TrialOrders = { readonly last: number } | readonly RouteTrial[];

export type TrialResult =
  | ({ readonly ok: true; readonly version: number } & TrialReport)
  | Extract<RouteCheck, { readonly ok: false }>;

export interface ChannelView extends ChannelState {
  readonly charges: ChargesWaiting;
  /** Inquiries, closes, refunds and callbacks, which run whatever the switch says. */
  readonly followUps: ChargesWaiting;
}

export interface RouteServices {
  channels(): Promise<readonly ChannelView[]>;
  /** @throws ValenceError `channel_unknown`, `redirect_invalid`, `switch_superseded` */
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
  rollbackRules(
    by: Author,
    to: number | undefined,
    expectedVersion: number | undefined,
  ): Promise<RoutesResult>;
  tryRoute(trial: RouteTrial): Promise<RouteChoice>;
  /** What rules would do to orders, beside those in force (of `version`). Absent: those in force. Changes nothing. */
  tryRules(file: DefinitionFile | undefined, orders: TrialOrders): Promise<TrialResult>;
  /** What conditions may be made of. */
  vocabulary(): Promise<RouteVocabulary>;
}
