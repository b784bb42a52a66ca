/** Every migration in order. A released one is never edited; the next change is the next file. */
import * as initial from "./001-initial.js";
import * as bridgeRole from "./002-bridge-role.js";
import * as pointsAndOutbox from "./003-points-and-outbox.js";
import * as modules from "./004-modules.js";
import * as routes from "./005-routes.js";
import * as accountingFeed from "./006-accounting-feed.js";
import * as closing from "./007-closing.js";
import * as refunds from "./008-refunds.js";
import * as plainJson from "./009-plain-json.js";
import * as belatedSignals from "./010-belated-signals.js";
import * as identity from "./011-identity.js";
import * as series from "./012-series.js";
import * as orderSearch from "./015-order-search.js";

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  initial,
  bridgeRole,
  pointsAndOutbox,
  modules,
  routes,
  accountingFeed,
  closing,
  refunds,
  plainJson,
  belatedSignals,
  identity,
  series,
  orderSearch,
];
