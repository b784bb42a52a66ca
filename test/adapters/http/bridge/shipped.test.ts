/** The flows of this repository, as the bridge serves them. */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dictionary } from "../../../../atoms/fields.js";
import { systemFields, vocabulary } from "../../../../atoms/index.js";
import { isCallable } from "../../../../adapters/http/bridge/bodySchema.js";
import { openApi } from "../../../../adapters/http/bridge/document/openapi.js";
import { compile } from "../../../../engine/compiler/compile.js";
import { invariant } from "../../../../engine/limits.js";
import type { ActiveType } from "../../../../engine/registry/catalogue.js";
import type { RunBody } from "../../../../engine/runtime/message.js";
import { MemoryCatalogue } from "../../../support/bridge/definitions.js";
import { demoOrder, startBridge } from "../../../support/bridge/harness.js";

function shippedTypes(): readonly ActiveType[] {
  const paths = readdirSync("flows", { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".json"),
  );
  const result = compile(
    paths.map((path) => ({ path, text: readFileSync(join("flows", path), "utf8") })),
    vocabulary,
  );
  assert.ok(result.ok, JSON.stringify(result));
  const { plans, types } = result.compiled;
  return types.map(({ type, title, set, flow }) => {
    const plan = plans.find((candidate) => candidate.flow === flow);
    invariant(plan, `type ${type} has a flow`);
    return { type, title, set, plan };
  });
}

describe("the shipped definitions", () => {
  it("take the demo order as every type, and queue its run where the flow begins", async () => {
    const types = shippedTypes();
    const catalogue = new MemoryCatalogue(types);
    const harness = await startBridge({ catalogue, dictionary, systemFields });
    harness.engine.flow = (run: RunBody) => ({ fields: { ...run.fields, orderStatus: "paid" } });
    try {
      for (const { type } of types.filter(isCallable)) {
        const reply = await harness.send({ path: `/v1/transactions/${type}`, body: demoOrder });
        assert.equal(reply.status, 201, reply.text);
        assert.equal(harness.engine.published.at(-1)?.queue, "flow.pay");
      }
      assert.equal((await harness.send({ path: "/v1/orders", body: demoOrder })).status, 201);
    } finally {
      await harness.bridge.close();
    }
  });

  it("send a channel's callback to the queue that runs in every switch state", async () => {
    const harness = await startBridge({
      catalogue: new MemoryCatalogue(shippedTypes()),
      dictionary,
      systemFields,
    });
    const callbackReply = { status: 200, contentType: "text/plain", body: "success" };
    harness.engine.flow = () => ({ fields: { callbackReply } });
    try {
      const reply = await harness.send({ path: "/channels/card/notify", body: "x=1", authorization: "none" });
      assert.deepEqual([reply.status, reply.text], [200, "success"]);
      assert.equal(harness.engine.published[0]?.queue, "channel.card.follow");
    } finally {
      await harness.bridge.close();
    }
  });

  it("are documented", () => {
    const { paths } = openApi(new MemoryCatalogue(shippedTypes()), dictionary, systemFields);
    assert.ok(paths["/v1/transactions/pay"]?.["post"] && paths["/v1/transactions/topup"]?.["post"]);
    assert.equal(paths["/v1/transactions/channel.callback"], undefined);
  });
});
