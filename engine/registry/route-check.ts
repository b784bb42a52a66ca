/** Checks routing rules before they are stored: shape, names, and that every condition type-checks. */
import { diagnostic, type Place, suggestion } from "../compiler/diagnostics.js";
import { parseText } from "../compiler/parse.js";
import type { Diagnostic } from "../compiler/plan.js";
import { shapeError } from "../compiler/shape.js";
import type { RouteRule } from "../ports/reference.js";
import type { DefinitionFile } from "../schema/definitions.js";
import { routesSchema } from "../schema/routes.js";
import { validator } from "../schema/validate.js";
import { compileRouteCondition, type RouteConditionKind } from "./route-conditions.js";

export type RouteCheck =
  | { readonly ok: true; readonly rules: readonly RouteRule[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const validate = validator(routesSchema);

/** `known`: the registered channels; undefined where nobody can tell, and then any name is taken. */
export function checkRoutes(file: DefinitionFile, known?: readonly string[]): RouteCheck {
  const { value, diagnostics: unread } = parseText(file);
  if (unread.length > 0) return { ok: false, diagnostics: unread };
  const misshapen = validate(value).map((error) => shapeError(file.path, error));
  if (misshapen.length > 0) return { ok: false, diagnostics: misshapen };
  const rules = value as readonly RouteRule[];
  const diagnostics = [
    ...repeatedNames(file.path, rules),
    ...rules.flatMap((rule, index) => ruleDiagnostics(rule, { file: file.path, at: [index] }, known)),
  ];
  return diagnostics.length === 0 ? { ok: true, rules } : { ok: false, diagnostics };
}

function repeatedNames(file: string, rules: readonly RouteRule[]): readonly Diagnostic[] {
  const names = rules.map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [diagnostic("ROUTE_NAME_TAKEN", { file, at: [index, "name"] }, `"${name}" is taken`)],
  );
}

function ruleDiagnostics(
  { when, channels }: RouteRule,
  { file, at }: Place,
  known: readonly string[] | undefined,
): readonly Diagnostic[] {
  const named = channels.map(({ channel }) => channel);
  return [
    ...conditionDiagnostics(when, "when", { file, at: [...at, "when"] }),
    ...channels.flatMap(({ channel, where }, index) => {
      const place = { file, at: [...at, "channels", index] };
      const name = { file, at: [...place.at, "channel"] };
      const repeats = named.indexOf(channel) !== index;
      const unknown = channel !== "*" && known !== undefined && !known.includes(channel);
      return [
        ...(repeats ? [diagnostic("ROUTE_CHANNEL_REPEATS", name, `"${channel}" stands here twice`)] : []),
        ...(unknown
          ? [
              diagnostic(
                "ROUTE_CHANNEL_UNKNOWN",
                name,
                `no channel "${channel}"${suggestion(channel, known)}`,
              ),
            ]
          : []),
        ...conditionDiagnostics(where, "where", { file, at: [...place.at, "where"] }),
      ];
    }),
  ];
}

function conditionDiagnostics(
  source: string | undefined,
  kind: RouteConditionKind,
  place: Place,
): readonly Diagnostic[] {
  if (source === undefined) return [];
  const result = compileRouteCondition(source, kind);
  return result.ok ? [] : [diagnostic("ROUTE_CONDITION_INVALID", place, result.message, result.range)];
}
