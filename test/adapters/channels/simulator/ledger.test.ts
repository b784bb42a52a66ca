import assert from "node:assert/strict";
import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import {
  charges,
  driver,
  order,
  patience,
  postFault,
  processOf,
  requests,
  secret,
  simulator,
  stopAll,
  temporaryFile,
  until,
} from "./support.js";

describe("the ledger of the simulated institution", () => {
  afterEach(stopAll);

  it("kill -9 in the middle of traffic: every approved answer is in the ledger after the restart, once", async function () {
    this.timeout(30_000);
    const ledgerFile = await temporaryFile("ledger.jsonl");
    const flags = ["--port", "0", "--ledger", ledgerFile];
    const victim = await processOf("channels/simulator", flags, { VALENCE_SIMULATOR_SECRET: secret });
    const channel = driver(victim.url);
    const said = new Map<string, string>();
    const payer = async (): Promise<void> => {
      for (let result = "approved"; result === "approved";) {
        const payment = order();
        ({ result } = await channel.charge(payment, patience()));
        said.set(payment.paymentId, result);
      }
    };
    const payers = Array.from({ length: 16 }, payer);
    await until(
      async () => said.size,
      (count) => count >= 300,
    );
    await victim.killed();
    await Promise.all(payers);

    const again = await processOf("channels/simulator", flags, { VALENCE_SIMULATOR_SECRET: secret });
    const times = new Map<string, number>();
    for (const row of await charges(again)) times.set(row.paymentId, (times.get(row.paymentId) ?? 0) + 1);
    const byResult = (result: string): string[] =>
      [...said].filter(([, one]) => one === result).map(([id]) => id);
    assert.ok(byResult("approved").length >= 280);
    assert.deepEqual(
      byResult("approved").filter((id) => times.get(id) !== 1),
      [],
    );
    assert.deepEqual(
      byResult("notSent").filter((id) => times.has(id)),
      [],
    );
    assert.ok([...times].every(([id, count]) => said.has(id) && count === 1));
  });

  it("a full disk: nothing is approved that is not in the ledger, and nothing is approved after it", async function () {
    this.timeout(30_000);
    const ledgerFile = await temporaryFile("ledger.jsonl");
    const flags = ["--port", "0", "--ledger", ledgerFile];
    const env = { VALENCE_SIMULATOR_SECRET: secret };
    const full = await processOf("channels/simulator", flags, env, 2048);
    const channel = driver(full.url);
    const results: string[] = [];
    const payments = Array.from({ length: 30 }, () => order());
    for (const payment of payments) results.push((await channel.charge(payment, patience())).result);
    await full.killed();
    const approved = payments
      .filter((_, index) => results[index] === "approved")
      .map((payment) => payment.paymentId);
    assert.ok(approved.length > 0 && approved.length < 30, `${approved.length} of 30 approved`);
    assert.deepEqual(results, [
      ...approved.map(() => "approved"),
      ...payments.slice(approved.length).map(() => "unknown"),
    ]);
    assert.deepEqual(
      (await charges(await processOf("channels/simulator", flags, env))).map((row) => row.paymentId),
      approved,
    );
  });

  it("a torn last line is cut off, and the ledger goes on behind it", async () => {
    const ledgerFile = await temporaryFile("ledger.jsonl");
    const first = await simulator({ ledgerFile });
    await driver(first.url).charge(order(), patience());
    await first.close();
    const { size } = await stat(ledgerFile);
    await appendFile(ledgerFile, '{"entry":"order","order":{"channelOrd');

    const second = await simulator({ ledgerFile });
    assert.equal((await charges(second)).length, 1);
    assert.equal((await stat(ledgerFile)).size, size);
    await driver(second.url).charge(order(), patience());
    await second.close();
    assert.equal((await charges(await simulator({ ledgerFile }))).length, 2);
  });

  const damaged = [
    "not json\n",
    '{"entry":"miracle"}\n',
    '{"entry":"moved","channelOrderId":"SIM9","status":"charged","at":1}\n',
  ];
  for (const line of damaged)
    it(`a damaged line is damage, not a crash, and stops the start: ${line.trim()}`, async () => {
      const ledgerFile = await temporaryFile("ledger.jsonl");
      await writeFile(ledgerFile, line);
      await assert.rejects(simulator({ ledgerFile }), /cannot be opened as a log/);
      assert.equal(await readFile(ledgerFile, "utf8"), line);
    });

  it("a late charge and a payer with a QR code survive a restart", async () => {
    const ledgerFile = await temporaryFile("ledger.jsonl");
    const first = await simulator({ ledgerFile, payerDelayMs: 700 });
    const [late, waiting] = [order(), order({ method: "qr" })];
    await postFault(first, { kind: "late-charge", delayMs: 700, match: { paymentId: late.paymentId } });
    assert.equal((await driver(first.url).charge(late, patience())).result, "unknown");
    assert.equal((await driver(first.url).charge(waiting, patience())).result, "pending");
    assert.deepEqual(await charges(first), []);
    await first.close();

    const second = await simulator({ ledgerFile });
    const rows = await until(
      () => charges(second),
      (list) => list.length === 2,
    );
    assert.deepEqual(rows.map((row) => row.paymentId).sort(), [late.paymentId, waiting.paymentId].sort());
    await second.close();
    // Charged is charged: another restart does not charge again.
    assert.equal((await charges(await simulator({ ledgerFile }))).length, 2);
  });

  it("a repeat is charged again, so that a caller who repeats is found", async () => {
    const sim = await simulator();
    const payment = order();
    for (let n = 0; n < 3; n += 1)
      assert.equal((await driver(sim.url).charge(payment, patience())).result, "approved");
    const rows = await charges(sim, payment.paymentId);
    assert.equal(rows.length, 3);
    assert.equal(new Set(rows.map((row) => row.channelOrderId)).size, 3);
    assert.equal((await requests(sim)).length, 3);
  });

  for (const fsync of [true, false])
    it(`concurrent charges are all kept (fsync ${fsync})`, async () => {
      const ledgerFile = await temporaryFile("ledger.jsonl");
      const sim = await simulator({ ledgerFile, fsync });
      const channel = driver(sim.url);
      const payments = Array.from({ length: 200 }, () => order());
      const answers = await Promise.all(payments.map((payment) => channel.charge(payment, patience())));
      assert.ok(answers.every((answer) => answer.result === "approved"));
      const lines = (await readFile(ledgerFile, "utf8")).trimEnd().split("\n");
      assert.equal(lines.length, payments.length);
      assert.deepEqual(
        (await charges(sim)).map((row) => row.paymentId).sort(),
        payments.map((one) => one.paymentId).sort(),
      );
    });
});
