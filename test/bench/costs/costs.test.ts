import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { databaseCosts, processorCosts } from "../../../bench/costs/account.js";
import type { PostgresCounts } from "../../../bench/costs/postgres.js";
import { ownSeconds, parseStat } from "../../../bench/costs/proc.js";
import { listeningInode, serverPid } from "../../../bench/costs/servers.js";

const row = (inserted: number, updated = 0, deleted = 0) => ({ inserted, updated, deleted });

describe("costs of a payment", () => {
  const before: PostgresCounts = {
    ...{ commits: 100, transactions: 1_000, walBytes: 10_000 },
    tables: { "core.orders": row(5), "config.merchants": row(1) },
  };
  const after: PostgresCounts = {
    ...{ commits: 150, transactions: 1_200, walBytes: 410_000 },
    tables: { "core.orders": row(105, 100), "config.merchants": row(1), "bus.messages": row(500, 0, 500) },
  };

  it("are differences of counters, divided by the payments between them", () => {
    const { tables, ...sums } = databaseCosts(before, after, 100);
    assert.deepEqual(sums, {
      ...{ commits: 0.5, transactions: 2, walBytes: 4_000 },
      ...{ inserted: 6, updated: 1, deleted: 5 },
    });
    assert.deepEqual(tables, { "bus.messages": row(5, 0, 5), "core.orders": row(1, 1) });
  });

  it("tables nobody wrote to are left out, the busiest come first", () =>
    assert.deepEqual(Object.keys(databaseCosts(before, after, 100).tables), ["bus.messages", "core.orders"]));

  it("processor time is in milliseconds; a process that cannot be seen is left out, not free", () =>
    assert.deepEqual(processorCosts({ bridge: 1, broker: NaN }, { bridge: 3, broker: NaN, late: 1 }, 1_000), {
      bridge: 2,
    }));
});

describe("processes in /proc", () => {
  it("times are read behind the command, which may hold spaces and parentheses", () => {
    const fields = ["S", "77", ...Array.from({ length: 9 }, () => "0"), "250", "50", "30", "20"];
    assert.deepEqual(parseStat(`4242 (a (b) c) ${fields.join(" ")} 20 0`), {
      parent: 77,
      ownSeconds: 3,
      endedChildrenSeconds: 0.5,
    });
  });

  it("a process that is not there has no time", () => assert.ok(Number.isNaN(ownSeconds(2 ** 30))));

  it("the listening socket is found by its port, not a connection to it", () => {
    const table = [
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
      "   0: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 111 1",
      "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1",
    ].join("\n");
    assert.equal(listeningInode(table, 8080), "222");
    assert.equal(listeningInode(table, 8081), undefined);
  });

  it("a server's process is found by its URL", async function () {
    if (process.platform !== "linux") return this.skip();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      assert.equal(serverPid(`redis://127.0.0.1:${port}/0`), process.pid);
    } finally {
      server.close();
    }
  });
});
