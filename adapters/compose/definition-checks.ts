/** Are the definitions in force sound in this build, and is somebody there to serve them? For `valence doctor`. */
import { compile } from "../../engine/compiler/compile.js";
import { formatDiagnostic } from "../../engine/compiler/diagnostics.js";
import type { Vocabulary } from "../../engine/compiler/vocabulary.js";
import type { Check, DefinitionStore, ModuleRegistry } from "../../engine/ports/index.js";
import { unserved } from "../../engine/registry/served.js";

export async function definitionChecks(
  store: DefinitionStore,
  registry: ModuleRegistry,
  vocabulary: Vocabulary,
): Promise<readonly Check[]> {
  const active = await store.active();
  if (!active) {
    const next = "start the system; the first start puts the shipped ones in force";
    return [{ name: "definitions", state: "warn", detail: "none are in force", next }];
  }
  const result = compile(active.files, vocabulary);
  if (!result.ok) {
    const [first] = result.diagnostics;
    const detail = `version ${active.version} does not compile with this build: ${first ? formatDiagnostic(first) : ""}`;
    const next =
      "valence flow check, then valence flow apply; running work is pinned to its plans and goes on";
    return [{ name: "definitions", state: "fail", detail, next }];
  }
  const sound: Check = {
    name: "definitions",
    state: "ok",
    detail: `version ${active.version}: ${result.compiled.plans.length} flows, ${result.compiled.types.length} types`,
  };
  const live = await registry.live();
  if (live.length === 0) {
    const next = "start the modules: valence up, or valence run";
    return [sound, { name: "modules", state: "warn", detail: "none live", next }];
  }
  const missing = unserved(result.compiled, live);
  if (missing.length > 0) {
    const next = "start the module that serves it, or one of this build";
    return [sound, { name: "modules", state: "fail", detail: missing.join("; "), next }];
  }
  const names = [...new Set(live.map(({ module }) => module))].join(", ");
  return [sound, { name: "modules", state: "ok", detail: `every queue and atom is served (${names})` }];
}
