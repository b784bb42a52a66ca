import assert from "node:assert/strict";
import type pg from "pg";
import { addAuditLine, PostgresAudit } from "../../../../adapters/store/postgres/audit.js";
import { migrations } from "../../../../adapters/store/postgres/migrations/index.js";
import { migrate } from "../../../../adapters/store/postgres/migrate.js";
import { systemRandom } from "../../../../adapters/system/clock.js";
import type { AuditHead, Unit } from "../../../../engine/ports/index.js";
import { type AuditVerdict, noHash, verifyAudit } from "../../../../engine/registry/audit-chain.js";
import {
  emptyDatabase,
  forEachDatabaseInVerify,
  freshDatabase,
  onServer,
  type TestDatabase,
} from "../../../support/postgres.js";
import { openProcess, type PostgresProcess } from "../../../support/postgres-world.js";

const line = (subject: string, after?: unknown) => ({
  ...{ who: "ann", action: "test", subject, reason: "ein Grund, 一个原因" },
  ...(after === undefined ? {} : { after }),
});

/** A unit of work with audit lines, as an operator's release of a run has one. */
const unit = (...auditIds: readonly string[]): Unit => ({
  writes: auditIds.map((auditId) => ({
    ...{ kind: "insert", table: "audit", exists: "conflict" },
    row: { auditId, ...line("unit", { nested: [1, { b: 1.5, a: "é" }] }), before: null },
  })),
  publish: [],
});

forEachDatabaseInVerify((name, open) =>
  describe(`the audit's chain on ${name}`, function () {
    this.timeout(60_000);
    let database: TestDatabase;
    let process: PostgresProcess;
    let audit: PostgresAudit;
    before(async () => {
      database = await open();
      process = await openProcess(database);
      audit = new PostgresAudit(process.database.pool);
    });
    after(async () => {
      await process.close();
      await database.drop();
    });
    const verify = (): Promise<AuditVerdict> => verifyAudit(audit);

    it("an empty one is sound", async () => {
      assert.deepEqual(await verify(), { sound: true, lines: 0, head: { seq: 0, hash: noHash } });
    });

    it("lines of every kind of writer follow each other, and node computes what the database did", async () => {
      const sql = process.database.pool;
      await addAuditLine(sql, systemRandom, line("a line", { amount: 1e21, text: 'quoted " and \\' }));
      await process.store.commit(unit(systemRandom.id()));
      await process.store.commit(unit(systemRandom.id(), systemRandom.id()));
      await Promise.all([1, 2, 3].map(() => process.store.commit(unit(systemRandom.id()))));
      const verdict = await verify();
      assert.deepEqual([verdict.sound, verdict.lines], [true, 7]);
    });

    it("a line that is there already takes no number", async () => {
      const auditId = systemRandom.id();
      await process.store.commit(unit(auditId));
      const { lines } = await verify();
      assert.equal((await process.store.commit(unit(auditId))).result, "conflict");
      await process.database.pool.query(
        `insert into config.audit (audit_id, who, action, subject, reason) values ($1, 'x', 'x', 'x', 'x')
         on conflict do nothing`,
        [auditId],
      );
      const verdict = await verify();
      assert.deepEqual([verdict.sound, verdict.lines], [true, lines]);
    });

    it("a transaction that fails leaves no gap", async () => {
      const { lines } = await verify();
      await assert.rejects(
        process.database.pool.transaction(async (sql) => {
          await addAuditLine(sql, systemRandom, line("never"));
          throw new Error("changed my mind");
        }),
      );
      assert.deepEqual([(await verify()).sound, (await verify()).lines], [true, lines]);
    });

    for (const change of [
      "update config.audit set who = 'bob' where seq = 1",
      "delete from config.audit where seq = 1",
      "delete from config.audit where false",
      "truncate config.audit",
      "update config.audit_head set seq = 0",
      "delete from config.audit_head",
      "insert into config.audit_head (the_one, seq, hash) values (true, 0, '')",
      "truncate config.audit_head",
    ])
      it(`refused: ${change}`, async () => {
        await assert.rejects(process.database.pool.query(change), /the audit is only added to/);
        assert.equal((await verify()).sound, true);
      });
  }),
);

/** What a superuser can do who switches the triggers off; the chain has ten lines. */
const tamperings: readonly (readonly [what: string, sql: string, seq: number, why: RegExp])[] = [
  ["who", "update config.audit set who = 'bob' where seq = 4", 4, /hash does not match/],
  [
    "when",
    "update config.audit set at = at + interval '1 microsecond' where seq = 4",
    4,
    /hash does not match/,
  ],
  ["what it was before", `update config.audit set before = '{}' where seq = 4`, 4, /hash does not match/],
  [
    "the order of two",
    "update config.audit set seq = case seq when 4 then -5 when 5 then -4 end where seq in (4, 5); update config.audit set seq = -seq where seq < 0",
    4,
    /does not follow/,
  ],
  ["one removed", "delete from config.audit where seq = 4", 4, /line 4 is missing/],
  [
    "one removed, its number closed",
    "delete from config.audit where seq = 4; update config.audit set seq = seq + 100 where seq > 4; update config.audit set seq = seq - 101 where seq > 100",
    4,
    /does not follow/,
  ],
  [
    "one added between, all renumbered",
    "update config.audit set seq = seq + 101 where seq >= 4; update config.audit set seq = seq - 100 where seq > 100; insert into config.audit select gen_random_uuid(), at, who, action, subject, before, after, reason, 4, previous, hash from config.audit where seq = 5; update config.audit_head set seq = 11",
    4,
    /hash does not match/,
  ],
  [
    "one altered with its own hash made anew",
    "update config.audit a set who = 'bob' where seq = 4; update config.audit a set hash = config.audit_hash(a) where seq = 4",
    5,
    /does not follow/,
  ],
  ["the newest removed", "delete from config.audit where seq = 10", 10, /10 to 10 are missing/],
  ["the three newest removed", "delete from config.audit where seq > 7", 8, /8 to 10 are missing/],
  ["everything removed", "delete from config.audit", 1, /1 to 10 are missing/],
  [
    "the newest altered with its hash",
    "update config.audit a set who = 'bob' where seq = 10; update config.audit a set hash = config.audit_hash(a) where seq = 10",
    10,
    /not the line the head names/,
  ],
  [
    "one slipped in outside the chain",
    "insert into config.audit select gen_random_uuid(), at, who, action, subject, before, after, reason, 0, previous, hash from config.audit where seq = 5",
    11,
    /1 lines stand outside/,
  ],
  ["the head removed", "delete from config.audit_head", 0, /head of the chain is gone/],
];

describe("somebody alters the audit with the triggers switched off", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let process: PostgresProcess;
  let audit: PostgresAudit;
  let witness: AuditHead;
  beforeEach(async () => {
    database = await freshDatabase();
    process = await openProcess(database);
    audit = new PostgresAudit(process.database.pool);
    for (let count = 1; count <= 10; count++)
      await addAuditLine(process.database.pool, systemRandom, line(`line ${count}`, { count }));
    witness = (await audit.head()) ?? assert.fail("no head");
    assert.equal((await verifyAudit(audit, witness)).sound, true);
  });
  afterEach(async () => {
    await process.close();
    await database.drop();
  });
  const tamper = (sql: string): Promise<unknown> =>
    onServer(database.url, (client) => client.query(`set session_replication_role = replica; ${sql}`));

  for (const [what, sql, seq, why] of tamperings)
    it(`${what}: broken at line ${seq}`, async () => {
      await tamper(sql);
      const verdict = await verifyAudit(audit);
      assert.ok(!verdict.sound);
      assert.equal(verdict.seq, seq);
      assert.match(verdict.why, why);
    });

  it("the newest removed and the head put back: a head that was seen earlier shows it, also after new lines", async () => {
    await tamper(
      `delete from config.audit where seq > 8;
       update config.audit_head set seq = 8, hash = (select hash from config.audit where seq = 8)`,
    );
    assert.equal((await verifyAudit(audit)).sound, true, "by itself it looks sound");
    const short = await verifyAudit(audit, witness);
    assert.deepEqual([short.sound, !short.sound && short.seq], [false, 9]);
    for (let count = 1; count <= 3; count++)
      await addAuditLine(process.database.pool, systemRandom, line("afterwards"));
    const grown = await verifyAudit(audit, witness);
    assert.deepEqual([grown.sound, !grown.sound && grown.seq], [false, 10]);
  });

  it("writers side by side make one chain, through pools, batches and transactions that fail", async () => {
    const other = await openProcess(database);
    try {
      const { pool } = process.database;
      await Promise.all(
        Array.from({ length: 60 }, async (_, index) => {
          if (index % 3 === 0) return addAuditLine(pool, systemRandom, line("single"));
          if (index % 3 === 1) return other.store.commit(unit(systemRandom.id(), systemRandom.id()));
          return pool
            .transaction(async (sql) => {
              await addAuditLine(sql, systemRandom, line("transaction"));
              if (index % 2 === 0) throw new Error("rolled back");
            })
            .catch(() => undefined);
        }),
      );
      const verdict = await verifyAudit(audit);
      assert.deepEqual([verdict.sound, verdict.lines], [true, 10 + 20 + 40 + 10]);
    } finally {
      await other.close();
    }
  });
});

describe("an audit from before there was a chain", function () {
  this.timeout(60_000);
  it("becomes the beginning of the chain, in the order of its times", async () => {
    const database = await emptyDatabase();
    try {
      await onServer(database.url, async (client: pg.Client) => {
        const before = migrations.filter((each) => each.name < "011");
        await client.query(
          `create table valence_migrations (id serial primary key, name text, batch int, migration_time timestamptz)`,
        );
        for (const each of before) {
          await client.query(each.sql);
          await client.query(
            "insert into valence_migrations (name, batch, migration_time) values ($1, 1, now())",
            [each.name],
          );
        }
        for (const minute of [3, 1, 2])
          await client.query(
            `insert into config.audit (audit_id, at, who, action, subject, after, reason)
             values (gen_random_uuid(), $1, 'ann', 'test', $2, '{"b": 1, "a": [true, null]}', 'old')`,
            [`2026-01-01T00:0${minute}:00.123456Z`, `minute ${minute}`],
          );
      });
      assert.ok((await migrate(database)).includes("011-identity"));
      const process = await openProcess(database);
      try {
        const audit = new PostgresAudit(process.database.pool);
        await addAuditLine(process.database.pool, systemRandom, line("new"));
        assert.deepEqual((await verifyAudit(audit)).lines, 4);
        assert.equal((await verifyAudit(audit)).sound, true);
        const entries = await audit.entries({ limit: 10 });
        assert.deepEqual(
          entries.map(({ subject }) => subject),
          ["new", "minute 3", "minute 2", "minute 1"],
        );
      } finally {
        await process.close();
      }
    } finally {
      await database.drop();
    }
  });
});

describe("a bridge's role", () => {
  it("reads neither users, sessions, links, attempts nor the audit", async () => {
    const database = await freshDatabase();
    try {
      for (const table of ["users", "sessions", "login_links", "login_attempts", "audit", "audit_head"])
        await onServer(database.url, async (client: pg.Client) => {
          await client.query("set role valence_bridge");
          await assert.rejects(client.query(`select * from config.${table}`), /permission denied/, table);
        });
    } finally {
      await database.drop();
    }
  });
});
