/** Everything the bridge needs from outside: ports and a few functions, so that it can be tested on its own. */
import type { Dictionary } from "../../../engine/dictionary.js";
import type { Bus, Clock, Random, Reference, Row, Store, Telemetry } from "../../../engine/ports/index.js";
import type { Catalogue } from "../../../engine/registry/catalogue.js";

export interface BridgeSettings {
  /** Name of this process on the bus: replies to its runs travel on `reply.<instance>`. */
  readonly instance: string;
  /** After this long without a reply the answer is 202. */
  readonly replyWaitMs: number;
  /** Requests in work at once; one more is refused with `overloaded`. */
  readonly inFlightMax: number;
  /** Open connections; one more is closed as it comes. */
  readonly connectionsMax: number;
  /** A request must have arrived whole this long after its first byte. */
  readonly arrivalMsMax: number;
  /** Handed on to `checkNotifyUrl`: true only in the demo. */
  readonly allowLoopbackNotify: boolean;
}

export type UrlVerdict = { readonly ok: true } | { readonly ok: false; readonly why: string };

export interface BridgeDeps {
  readonly store: Pick<Store, "commit">;
  readonly bus: Pick<Bus, "publish" | "onBroadcast" | "unsent">;
  readonly reference: Reference;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  readonly dictionary: Dictionary;
  /** Fields the engine puts into every run (`Vocabulary.system`); an integrator cannot send them. */
  readonly systemFields: readonly string[];
  readonly settings: BridgeSettings;
  /** The SSRF guard; the options may be ignored by an implementation that knows them already. */
  checkNotifyUrl(url: string, options: { readonly allowLoopback: boolean }): UrlVerdict;
  /** Told of every request in work; see `createServer`. */
  readonly progress?: { begin(): () => void };
  /** Prometheus text. */
  metrics(): Promise<string>;
  ready(): Promise<{ readonly ready: boolean; readonly why?: string }>;
  /** The row of table `orders`. */
  readOrder(orderId: string): Promise<Row | undefined>;
  /** The row of table `refunds`. */
  readRefund(refundId: string): Promise<Row | undefined>;
  /** The row of table `runs`. */
  readRun(runId: string): Promise<Row | undefined>;
}
