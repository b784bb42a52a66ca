import assert from "node:assert/strict";
import { definitionRoutes } from "../../../../adapters/http/admin/routes/definitions.js";
import { flowRoutes } from "../../../../adapters/http/admin/routes/flows.js";
import { createServer } from "../../../../adapters/http/server.js";
import { systemClock } from "../../../../adapters/system/clock.js";
import { limits } from "../../../../engine/limits.js";
import { silent } from "../../../../engine/ports/telemetry.js";
import { recordedDefinitions } from "../../../support/admin/definitions.js";
import { changed, shippedFiles } from "../../../support/shipped.js";

const by = { author: "ann", reason: "test" };
const filesOf = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([path, text]) => ({ path, text }));
const reviewed = filesOf(
  changed("pay.flow.json", (flow) => {
    const stages = flow["stages"] as Record<string, { on: Record<string, string> }>;
    stages["charge"]!.on["approved"] = "park:review";
  }),
);
const broken = [...shippedFiles, { path: "bad.flow.json", text: "{}" }];
const gift = { type: "gift", flow: "pay", title: "Gift", set: { business: "topup" } };

describe("admin API: definitions", () => {
  let changes: unknown[];
  let app: ReturnType<typeof createServer>;

  beforeEach(async () => {
    changes = [];
    app = createServer({ clock: systemClock, telemetry: silent, bodyBytesMax: limits.definitionBytesMax });
    const services = recordedDefinitions(changes);
    flowRoutes(app, services);
    definitionRoutes(app, services);
    await app.ready();
  });
  afterEach(() => app.close());

  async function call<Body>(method: "GET" | "POST", url: string, body?: object) {
    const headers = { "content-type": "application/json" };
    const answer = await app.inject({
      ...{ method, url },
      ...(body ? { headers, payload: JSON.stringify(body) } : {}),
    });
    return { status: answer.statusCode, body: answer.json() as Body };
  }

  const refusals: readonly (readonly [string, "GET" | "POST", string, object | undefined, number, string])[] =
    [
      ["a version nobody made", "GET", "/flows/versions/9", undefined, 404, "version_unknown"],
      ["a version that can be none", "GET", "/flows/versions/x", undefined, 404, "version_unknown"],
      ["a flow nobody has", "GET", "/flows/nope/graph", undefined, 404, "not_found"],
      ["a flow then", "GET", "/flows/pay/graph?version=0", undefined, 404, "version_unknown"],
      ["back to nowhere", "POST", "/flows/rollback", by, 422, "field_invalid"],
      ["back to no version", "POST", "/flows/rollback", { version: 9, ...by }, 404, "version_unknown"],
      [
        "back without a reason",
        "POST",
        "/flows/rollback",
        { version: 4, author: "ann" },
        422,
        "field_invalid",
      ],
      [
        "no runs at all",
        "POST",
        "/flows/replay",
        { files: shippedFiles, flow: "pay", count: 0 },
        422,
        "field_invalid",
      ],
      [
        "too many",
        "POST",
        "/flows/replay",
        { files: shippedFiles, flow: "pay", count: 201 },
        422,
        "field_invalid",
      ],
      ["no flow", "POST", "/flows/replay", { files: shippedFiles }, 422, "field_invalid"],
      ["a type that is there", "POST", "/flows/types/draft", { ...gift, type: "pay" }, 422, "field_invalid"],
      [
        "a type that is no name",
        "POST",
        "/flows/types/draft",
        { ...gift, type: "Gift!" },
        422,
        "field_invalid",
      ],
      [
        "a type without a title",
        "POST",
        "/flows/types/draft",
        { type: "gift", flow: "pay" },
        422,
        "field_invalid",
      ],
      ["presets that are none", "POST", "/flows/types/draft", { ...gift, set: [] }, 422, "field_invalid"],
    ];
  for (const [what, method, path, body, status, code] of refusals) {
    it(`${what}: ${status} ${code}, and nothing is changed`, async () => {
      const answer = await call<{ code: string }>(method, `/admin/v1${path}`, body);
      assert.deepEqual([answer.status, answer.body.code], [status, code]);
      assert.deepEqual(changes, []);
    });
  }

  it("who started from an older version is told who was faster, and changes nothing", async () => {
    const request = { files: reviewed, expectedVersion: 3, ...by };
    const { status, body } = await call<Record<string, unknown>>("POST", "/admin/v1/flows/apply", request);
    assert.deepEqual([status, body["code"]], [409, "definitions_superseded"]);
    assert.match(String(body["detail"]), /version 4 is in force, by bob at 1970-01-01T.*: a better title/);
    assert.equal((body["inForce"] as { version: number }).version, 4);
    assert.deepEqual(changes, []);
    assert.equal(
      (await call("POST", "/admin/v1/flows/apply", { ...request, expectedVersion: 4 })).status,
      200,
    );
    assert.deepEqual(changes, [["apply", shippedFiles.length, by, 4]]);
  });

  it("what is in force comes with its text, its history without", async () => {
    const now = await call<{ version: number; files: object[] }>("GET", "/admin/v1/flows/definitions");
    assert.deepEqual([now.body.version, now.body.files], [4, shippedFiles]);
    const { body } = await call<{ history: Record<string, unknown>[] }>("GET", "/admin/v1/flows/history");
    assert.deepEqual(Object.keys(body.history[0]!), ["version", "author", "reason", "atMs", "changed"]);
  });

  it("a check draws every flow", async () => {
    interface Checked {
      readonly flows: readonly { flow: string; graph: { nodes: object[] }; summary: { ends: object[] } }[];
    }
    const { body } = await call<Checked>("POST", "/admin/v1/flows/check", { files: shippedFiles });
    for (const { flow, graph, summary } of body.flows) {
      assert.ok(graph.nodes.length > 1, flow);
      assert.ok(summary.ends.length > 0, flow);
    }
  });

  it("compare and replay of what does not compile say what is wrong with it", async () => {
    for (const path of ["compare", "replay"]) {
      const body = { files: broken, ...(path === "replay" ? { flow: "pay" } : {}) };
      const answer = await call<{ ok: boolean; diagnostics: { file: string }[] }>(
        "POST",
        `/admin/v1/flows/${path}`,
        body,
      );
      assert.deepEqual(
        [answer.status, answer.body.ok, answer.body.diagnostics[0]?.file],
        [200, false, "bad.flow.json"],
        path,
      );
    }
    const { body } = await call<{ flows: object[] }>("POST", "/admin/v1/flows/compare", { files: reviewed });
    assert.equal(body.flows.length, 1);
  });

  it("a drafted type is one more line, checked and not in force", async () => {
    const { status, body } = await call<{ files: { path: string; text: string }[]; check: { ok: boolean } }>(
      "POST",
      "/admin/v1/flows/types/draft",
      gift,
    );
    assert.deepEqual([status, body.check.ok], [200, true]);
    const text = body.files.find(({ path }) => path === "types.json")?.text ?? "";
    assert.match(
      text,
      /^ {2}"gift": \{ "flow": "pay", "title": "Gift", "set": \{ "business": "topup" \} \}$/m,
    );
    assert.deepEqual(changes, []);
  });

  it("the vocabulary has what completion and forms need", async () => {
    interface Words {
      readonly atoms: readonly Record<string, unknown>[];
      readonly fields: readonly Record<string, unknown>[];
      readonly schemas: Record<string, object>;
    }
    const { body } = await call<Words>("GET", "/admin/v1/vocabulary");
    const charge = body.atoms.find(({ name }) => name === "channel.charge");
    assert.deepEqual([charge?.["effect"], charge?.["inquires"]], ["external", true]);
    assert.deepEqual(Object.keys(charge?.["outcomes"] as object).sort(), [
      ...["approved", "declined", "notSent", "pending", "unknown"],
    ]);
    const amount = body.fields.find(({ name }) => name === "amount");
    assert.equal((amount?.["schema"] as { type: string }).type, "integer");
    assert.deepEqual(Object.keys(body.schemas), ["types", "flow", "transaction"]);
  });
});
