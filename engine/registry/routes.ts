/** Putting routing rules in force: check, activate, return to an older version. What fails changes nothing. */
import type { Diagnostic } from "../compiler/plan.js";
import { ValenceError } from "../errors.js";
import type { RouteRule } from "../ports/reference.js";
import type { RouteSet, RouteStore } from "../ports/routes.js";
import type { DefinitionFile } from "../schema/definitions.js";
import type { Author } from "../ports/author.js";
import { checkRoutes, type RouteCheck } from "./route-check.js";

export interface RoutesPorts {
  readonly store: RouteStore;
  /** Names of the registered channels. */
  readonly channels: () => Promise<readonly string[]>;
}

export type RoutesResult =
  | { readonly applied: true; readonly version: number }
  | {
      readonly applied: false;
      readonly code: "rules_unsound";
      readonly diagnostics: readonly Diagnostic[];
    };

export class Routes {
  constructor(private readonly ports: RoutesPorts) {}

  async check(file: DefinitionFile): Promise<RouteCheck> {
    return checkRoutes(file, await this.ports.channels());
  }

  /**
   * `expectedVersion`: the version the author started from; absent: the one in force now.
   * @throws ValenceError `rules_superseded`
   */
  async apply(file: DefinitionFile, by: Author, expectedVersion?: number): Promise<RoutesResult> {
    const version = expectedVersion ?? (await this.#version());
    const result = await this.check(file);
    if (!result.ok) return { applied: false, code: "rules_unsound", diagnostics: result.diagnostics };
    return this.#activate(result.rules, by, version);
  }

  /**
   * Puts an older version in force again, as a new one; default: the one before the version in force. Channels it
   * names may be gone by now, and then it is refused. `expectedVersion` as for `apply`.
   * @throws ValenceError `version_unknown`, `rules_superseded`
   */
  async rollback(by: Author, to?: number, expectedVersion?: number): Promise<RoutesResult> {
    const active = expectedVersion ?? (await this.#version());
    const wanted = to ?? active - 1;
    const set = wanted >= 1 ? await this.ports.store.version(wanted) : undefined;
    if (!set) throw new ValenceError("version_unknown", `there are no routing rules of version ${wanted}`);
    const file = { path: `version ${wanted}`, text: JSON.stringify(set.rules) };
    const result = await this.check(file);
    if (!result.ok) return { applied: false, code: "rules_unsound", diagnostics: result.diagnostics };
    return this.#activate(set.rules, by, active);
  }

  active(): Promise<RouteSet | undefined> {
    return this.ports.store.active();
  }

  history(limit: number): Promise<readonly RouteSet[]> {
    return this.ports.store.history(limit);
  }

  async #version(): Promise<number> {
    return (await this.ports.store.active())?.version ?? 0;
  }

  async #activate(rules: readonly RouteRule[], by: Author, expectedVersion: number): Promise<RoutesResult> {
    if (await this.ports.store.activate({ rules, ...by }, expectedVersion))
      return { applied: true, version: expectedVersion + 1 };
    throw new ValenceError(
      "rules_superseded",
      `version ${expectedVersion} is not in force any more; look, then repeat`,
    );
  }
}
