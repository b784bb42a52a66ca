import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { atoms, queues, signals, systemFields, topics, vocabulary } from "../../atoms/index.js";
import { dictionary } from "../../atoms/fields.js";
import { domainTables } from "../../atoms/tables.js";
import type { AtomSpec } from "../../engine/atom.js";
import { compile } from "../../engine/compiler/compile.js";
import { conflictOutcome, exhaustedOutcome, timeoutOutcome } from "../../engine/compiler/model.js";
import { engineTables } from "../../engine/runtime/tables.js";
import { shippedFiles } from "../support/shipped.js";

/** What is wrong with an atom's declaration; nothing, for every atom of this build. */
function faults(atom: AtomSpec, known: readonly string[] = Object.keys(dictionary)): readonly string[] {
  const read = [...atom.reads, ...(atom.readsIfPresent ?? [])];
  const written = Object.values(atom.outcomes).flatMap(({ writes = [], mayWrite = [] }) => [
    ...writes,
    ...mayWrite,
  ]);
  const engineOutcomes = [conflictOutcome, exhaustedOutcome, timeoutOutcome];
  return [
    ...[...read, ...written].filter((field) => !known.includes(field)).map((field) => `no field ${field}`),
    ...atom.reads
      .filter((field) => atom.readsIfPresent?.includes(field))
      .map((field) => `${field} read twice`),
    ...Object.keys(atom.outcomes)
      .filter((outcome) => engineOutcomes.includes(outcome))
      .map((outcome) => `outcome ${outcome} is the engine's`),
    ...(/^[a-z]+\.[a-z]+$/.test(atom.name) ? [] : ["its name is not domain.verb"]),
    ...(existsSync(`atoms/${atom.name.replace(".", "/")}.ts`) ? [] : ["its file is not where its name says"]),
    ...(atom.effect !== "external" && (atom.idempotentBy ?? atom.inquire ?? atom.decides)
      ? ["only an external atom asks or repeats"]
      : []),
    ...(atom.effect === "store" || atom.guarded !== true ? [] : ["only a store atom has guards"]),
    ...(atom.effect === "external" && atom.idempotentBy === undefined && !atom.inquire
      ? ["nobody can find out what it did"]
      : []),
  ];
}

describe("vocabulary", () => {
  for (const atom of atoms.values())
    it(`${atom.name} declares what exists, under the name of its file`, () => {
      assert.deepEqual(faults(atom), []);
      assert.equal(atoms.get(atom.name), atom);
    });

  it("the check itself finds every kind of fault", () => {
    const wrong: AtomSpec = {
      ...{ name: "Wrong", version: 1, title: "wrong", effect: "pure", guarded: true, idempotentBy: "amount" },
      reads: ["amount", "colour"],
      readsIfPresent: ["amount"],
      outcomes: { ok: { mayWrite: ["size"] }, timeout: {}, conflict: {}, exhausted: {} },
    };
    assert.equal(faults(wrong).length, 10);
    const blind: AtomSpec = { ...atoms.get("channel.charge")!, effect: "external" };
    assert.deepEqual(faults({ ...blind, inquire: undefined } as unknown as AtomSpec), [
      "nobody can find out what it did",
    ]);
  });

  it("every atom file is in the list", () => {
    // Files that hold no atom of their own.
    const helpers = [
      ...[
        "channel/request.ts",
        "notify/again.ts",
        "notify/body.ts",
        "notify/deliver.ts",
        "notify/refund-body.ts",
      ],
      ...["refund/answer.ts", "route/request.ts"],
    ];
    const files = readdirSync("atoms", { recursive: true, encoding: "utf8" })
      .filter((path) => path.includes("/") && path.endsWith(".ts") && !helpers.includes(path))
      .map((path) => path.replace("/", ".").replace(".ts", ""));
    assert.deepEqual(files.sort(), [...atoms.keys()].sort());
  });

  it("topics, signals, queues and system fields speak of fields that exist", () => {
    const named = [...Object.values(topics), ...Object.values(signals)].flatMap(
      ({ writes = [], mayWrite = [] }) => [...writes, ...mayWrite],
    );
    const inQueues = queues.flatMap(({ pattern }) =>
      [...pattern.matchAll(/\{(.+?)\}/g)].map(([, field]) => field!),
    );
    const unknown = [...named, ...inQueues, ...systemFields].filter((field) => !(field in dictionary));
    assert.deepEqual(unknown, []);
  });

  it("tables have a key, and a status column where rows move", () => {
    for (const { name, key, columns, status } of [...domainTables, ...engineTables]) {
      for (const column of [...key, ...(status === undefined ? [] : [status])])
        assert.ok(column in columns, `${name}.${column}`);
    }
    assert.deepEqual(
      domainTables.map(({ status }) => status),
      ["status", "status", "status", "status", undefined],
    );
  });

  it("the shipped definitions compile without a diagnostic", () => {
    const result = compile(shippedFiles, vocabulary);
    assert.deepEqual(result.ok ? [] : result.diagnostics, []);
  });
});
