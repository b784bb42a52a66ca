/** What the admin API serves, as functions: it knows neither database nor engine internals. */
import type { Check, Clock, Identity, ModuleView, Telemetry } from "../../../engine/ports/index.js";
import type { AuditServices } from "./audit-services.js";
import type { DefinitionServices } from "./definition-services.js";
import type { OrderServices } from "./order-services.js";
import type { QueueServices } from "./queue-services.js";
import type { DemoServices } from "./routes/demo.js";
import type { RouteServices } from "./route-services.js";
import type { ThroughputServices } from "./throughput-services.js";

export interface AdminServices {
  /** Bearer token of programs; who carries it may do everything. */
  readonly token: string;
  /** Users and their sessions. */
  readonly identity: Identity;
  readonly audit: AuditServices;
  /** Where browsers find the console when a proxy stands before it; otherwise empty. */
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Told of every request in work; see `createServer`. */
  readonly progress?: { begin(): () => void };
  /** Where the built console is; it may be missing. */
  readonly consoleDir: string;
  readonly definitions: DefinitionServices;
  readonly orders: OrderServices;
  /** Every module with its health, the lost ones included. */
  modules(): Promise<readonly ModuleView[]>;
  readonly queueing: QueueServices;
  readonly routing: RouteServices;
  readonly throughput: ThroughputServices;
  readonly demo: DemoServices;
  /** What `valence doctor` asks of a running system. */
  checks(): Promise<readonly Check[]>;
  ready(): Promise<{ readonly ready: boolean; readonly why?: string }>;
  /** Prometheus text. */
  metrics(): Promise<string>;
}
