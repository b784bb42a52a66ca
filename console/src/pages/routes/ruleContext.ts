import type { Diagnostic, RouteWord } from "../../api/routes";

/** What the parts of every rule need to know. */
export interface RuleContext {
  /** For `when`. */
  readonly fields: readonly RouteWord[];
  /** For `where`: fields and facts of channels. */
  readonly words: readonly RouteWord[];
  /** Names of the registered channels. */
  readonly channels: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly readOnly: boolean;
}
