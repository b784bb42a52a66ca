/** Throughput over HTTP: what is asked for, what is refused, and a stream that is no request in work. */
import assert from "node:assert/strict";
import { throughputRoutes } from "../../../../adapters/http/admin/routes/throughput.js";
import type { ThroughputServices } from "../../../../adapters/http/admin/throughput-services.js";
import { createServer } from "../../../../adapters/http/server.js";
import { systemClock } from "../../../../adapters/system/clock.js";
import { silent } from "../../../../engine/ports/telemetry.js";

describe("throughput over HTTP", () => {
  const asked: number[] = [];
  const throughput = {
    hello: { version: "1.2.3", stepS: 5 },
    look: async () => ({ atMs: 1, modules: [], lastMinute: { toMs: 1 } }),
    history: async (minutes: number) => {
      asked.push(minutes);
      return { system: { count: minutes } };
    },
  } as unknown as ThroughputServices;
  let inWork = 0;
  let app: ReturnType<typeof createServer>;
  let url: string;
  before(async () => {
    const progress = {
      begin: () => {
        inWork++;
        return () => void inWork--;
      },
    };
    app = createServer({ clock: systemClock, telemetry: silent, bodyBytesMax: 1_000, progress });
    throughputRoutes(app, { throughput, clock: systemClock, telemetry: silent });
    url = await app.listen({ port: 0, host: "127.0.0.1" });
  });
  after(() => app.close());

  // query, status
  const rows = [
    ["?minutes=5", 200],
    ["?minutes=1440", 200],
    ["", 200],
    ["?minutes=4", 422],
    ["?minutes=1441", 422],
    ["?minutes=15.5", 422],
    ["?minutes=-15", 422],
    ["?minutes=", 422],
    ["?minutes=x", 422],
    ["?minutes=99999999999999999999", 422],
  ] as const;
  for (const [query, status] of rows)
    it(`history${query}: ${status}`, async () => {
      const response = await fetch(`${url}/admin/v1/metrics/history${query}`);
      assert.equal(response.status, status);
      const body = (await response.json()) as { code?: string; detail?: string };
      if (status === 422) {
        assert.equal(body.code, "field_invalid");
        assert.match(body.detail ?? "", /from 5 to 1440/);
      }
    });

  /** Opens the stream and reads until it has seen so many events; `close` leaves it. */
  async function open(events: number): Promise<{ text: string; headers: Headers; close(): void }> {
    const leaving = new AbortController();
    const response = await fetch(`${url}/admin/v1/metrics/stream`, { signal: leaving.signal });
    const reader = response.body?.getReader();
    let text = "";
    while (reader && text.split("event: ").length <= events) {
      const { done, value } = await reader.read();
      if (done) break;
      text += new TextDecoder().decode(value);
    }
    return { text, headers: response.headers, close: () => leaving.abort() };
  }

  it("the stream says hello and ticks, is never stored, and is not counted as a request in work", async () => {
    const { text, headers, close } = await open(3);
    assert.match(
      text,
      /^event: hello\ndata: {"version":"1\.2\.3","stepS":5}\n\nevent: tick\ndata: {"atMs":1,/,
    );
    assert.equal(headers.get("content-type"), "text/event-stream; charset=utf-8");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(inWork, 0);
    close();
  });

  for (const method of ["HEAD", "POST", "DELETE"])
    it(`${method} on the stream: 405, and it ends`, async () => {
      const response = await fetch(`${url}/admin/v1/metrics/stream`, { method });
      assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET"]);
    });

  it("too many watch: 503 with a problem; room again when they have left", async () => {
    const all = await Promise.all(Array.from({ length: 64 }, () => open(1)));
    const refused = await fetch(`${url}/admin/v1/metrics/stream`);
    assert.equal(refused.status, 503);
    assert.equal(((await refused.json()) as { code: string }).code, "overloaded");
    for (const { close } of all) close();
    const giveUpAtMs = performance.now() + 5_000;
    for (;;) {
      const leaving = new AbortController();
      const { status } = await fetch(`${url}/admin/v1/metrics/stream`, { signal: leaving.signal });
      leaving.abort();
      if (status === 200) break;
      assert.ok(performance.now() < giveUpAtMs, "those who left are still counted");
    }
  });

  it("a server that stops does not wait for who watches", async () => {
    const other = createServer({ clock: systemClock, telemetry: silent, bodyBytesMax: 1_000 });
    throughputRoutes(other, { throughput, clock: systemClock, telemetry: silent });
    const address = await other.listen({ port: 0, host: "127.0.0.1" });
    const response = await fetch(`${address}/admin/v1/metrics/stream`);
    await response.body?.getReader().read();
    await other.close();
  });
});
