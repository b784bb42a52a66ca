import assert from "node:assert/strict";
import { guard } from "../../../../adapters/http/admin/access.js";
import fastifyCookie from "@fastify/cookie";
import { createServer } from "../../../../adapters/http/server.js";
import { systemClock } from "../../../../adapters/system/clock.js";
import type { Session } from "../../../../engine/ports/index.js";
import { silent } from "../../../../engine/ports/telemetry.js";

const user = { name: "ann", role: "business", status: "active", hasPassword: true } as const;
const session: Session = {
  user: { ...user, secondFactor: false, createdAtMs: 0, changedAtMs: 0 },
  ...{ csrf: "c", byLink: false, lastActiveAtMs: 0 },
};

describe("a stream of the admin API", function () {
  this.timeout(10_000);
  it("ends when its session does, and not before", async () => {
    let lives = true;
    let looks = 0;
    const app = createServer({ clock: systemClock, telemetry: silent, bodyBytesMax: 1 });
    await app.register(fastifyCookie);
    await app.register(async (scope) => {
      guard(scope, {
        ...{ token: "t".repeat(16), publicUrl: "" },
        // Looks come a hundred times as fast.
        clock: { ...systemClock, after: (delayMs, callback) => systemClock.after(delayMs / 100, callback) },
        identity: {
          session: async () => (looks++, lives ? session : undefined),
          touch: async () => assert.fail("a stream is no click"),
          rightsOf: () => ["watch"],
        },
      });
      scope.get("/stream", { config: { access: "watch" } }, (_request, reply) => {
        reply.hijack();
        reply.raw.writeHead(200, { "content-type": "text/event-stream" });
        reply.raw.write("data: 1\n\n");
      });
    });
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    try {
      const response = await fetch(`${url}/stream`, {
        headers: { cookie: "valence_session=x", accept: "text/event-stream" },
      });
      const reader = response.body?.getReader() ?? assert.fail("no body");
      assert.match(Buffer.from((await reader.read()).value ?? []).toString(), /data: 1/);
      while (looks < 4) await new Promise((resolve) => setTimeout(resolve, 5));
      lives = false;
      await assert.rejects(reader.read(), "the connection is broken, so that the page asks again");
    } finally {
      await app.close();
    }
  });
});
