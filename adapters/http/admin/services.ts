/** What the admin API serves, as functions: it knows neither database nor engine internals. */
import type { Compiled, Diagnostic, Plan } from "../../../engine/compiler/plan.js";
import type {
  Check,
  Clock,
  Identity,
  ModuleView,
  Telemetry,
} from "../../../engine/ports/index.js";
import type { ApplyResult, Author, FlowState } from "../../../engine/registry/definitions.js";
import type { DefinitionFile } from "../../../engine/schema/definitions.js";
import type { AuditServices } from "./audit-services.js";
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
  check(
    files: readonly DefinitionFile[],
  ):
    | { readonly ok: true; readonly compiled: Compiled }
    | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };
  apply(files: readonly DefinitionFile[], by: Author): Promise<ApplyResult>;
  /** @throws ValenceError `version_unknown` */
  rollback(flow: string, by: Author): Promise<ApplyResult>;
  flows(): Promise<readonly FlowState[]>;
  /** The plan a new run of this type would be pinned to. */
  planOf(type: string): Plan | undefined;
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
