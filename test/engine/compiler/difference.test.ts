import assert from "node:assert/strict";
import { vocabulary } from "../../../atoms/index.js";
import type { Change } from "../../../engine/compiler/change.js";
import { compile } from "../../../engine/compiler/compile.js";
import { type Difference, difference } from "../../../engine/compiler/difference.js";
import type { Compiled } from "../../../engine/compiler/plan.js";
import { changed, shippedFiles } from "../../support/shipped.js";

const compiled = (texts: Readonly<Record<string, string>>): Compiled => {
  const result = compile(
    Object.entries(texts).map(([path, text]) => ({ path, text })),
    vocabulary,
  );
  assert.ok(result.ok, JSON.stringify(result));
  return result.compiled;
};
const shipped = Object.fromEntries(shippedFiles.map(({ path, text }) => [path, text]));

/** The shipped files with one file edited as text. */
const edited = (path: string, from: string, to: string): Record<string, string> => {
  const text = (shipped[path] ?? "").replace(from, to);
  assert.notEqual(text, shipped[path], `${from} stands in ${path}`);
  return { ...shipped, [path]: text };
};

/** `changed step charge channel.charge: before -> after` */
const lineOf = ({ change, what, stage, name, before, after }: Change): string => {
  const texts = before === undefined && after === undefined ? "" : `: ${before ?? "-"} => ${after ?? "-"}`;
  return `${change} ${what} ${stage ? `${stage} ` : ""}${name}${texts}`;
};
const linesOf = ({ flows, types }: Difference): readonly string[] => [
  ...flows.flatMap(({ flow, change, changes }) =>
    changes.length === 0 ? [`${change} flow ${flow}`] : changes.map((each) => `${flow}: ${lineOf(each)}`),
  ),
  ...types.map(({ type, change }) => `${change} type ${type}`),
];

type Stages = Record<
  string,
  { on: Record<string, string>; timeoutMs?: number | number[] } & Record<string, unknown>
>;
const stagesOf = (flow: Record<string, unknown>): Stages => flow["stages"] as Stages;

const cases: readonly (readonly [string, Record<string, string>, readonly string[]])[] = [
  ["nothing", shipped, []],
  [
    "a title",
    edited("pay.flow.json", "One order", "An order"),
    ["pay: changed title title: One order, paid through one channel => An order, paid through one channel"],
  ],
  [
    "where an outcome leads",
    changed("pay.flow.json", (flow) => {
      stagesOf(flow)["charge"]!.on["approved"] = "park:review";
    }),
    [
      "pay: changed outcome charge approved: stage:settle => park:review",
      "pay: added commits park:review: - => 3",
    ],
  ],
  [
    "how long a wait lasts",
    changed("notify.flow.json", (flow) => {
      stagesOf(flow)["again"]!.timeoutMs = 60000;
    }),
    [
      "notify: changed wait again wait: the merchant to come back, 120000, 120000 ms => the merchant to come back, 60000 ms",
    ],
  ],
  [
    "how often a stage may be entered",
    changed("notify.flow.json", (flow) => {
      stagesOf(flow)["send"]!["entriesMax"] = 4;
    }),
    ["notify: changed bound send entriesMax: 3 => 4"],
  ],
  [
    "a step that is put in, under a condition",
    changed("transactions/order.accept.json", (transaction) => {
      const limit = { atom: "risk.limit", with: { amountMinorMax: 500 }, when: "amount > 400" };
      (transaction["steps"] as object[]).splice(1, 0, limit);
    }),
    [
      'pay: added step intake risk.limit: - => risk.limit@1 with {"amountMinorMax":500} when amount > 400 within 5000 ms',
    ],
  ],
  [
    "a step that is taken out",
    changed("transactions/order.present.json", (transaction) => {
      (transaction["steps"] as object[]).pop();
    }),
    ["pay: removed step present caller.answer: caller.answer@2 within 5000 ms => -"],
  ],
  [
    "one more type",
    changed("types.json", (types) => {
      types["gift"] = { flow: "pay", title: "Gift", set: { business: "topup" } };
      delete types["expire"];
      types["topup"] = { flow: "pay", title: "Top-up", set: { business: "topup" } };
    }),
    ["removed type expire", "added type gift", "changed type topup"],
  ],
];

describe("difference: what would be changed", () => {
  const before = compiled(shipped);
  for (const [what, files, expected] of cases) {
    it(what, () => {
      assert.deepEqual(linesOf(difference(before, compiled(files))), expected);
    });
  }

  it("a flow that comes or goes is one change", () => {
    const { "late.flow.json": _late, ...rest } = shipped;
    assert.deepEqual(linesOf(difference(before, compiled(rest))), ["removed flow late"]);
    assert.deepEqual(linesOf(difference(compiled(rest), before)), ["added flow late"]);
  });
});
