/** Which statement a batch is carried by: its own as long as they are few, one it fits in when they are many. */
import assert from "node:assert/strict";
import { type Shape, Shapes } from "../../../../adapters/store/postgres/shapes.js";
import { fenceKey, insertKey, leaseKey, publishKey } from "../../../../adapters/store/postgres/statement.js";
import { Tables } from "../../../../adapters/store/postgres/tables.js";
import { allTables } from "../../../support/postgres-world.js";

const tables = new Tables(allTables);
const inserts = allTables.flatMap(({ name, columns }) =>
  (["conflict", "keep"] as const).map((exists) => insertKey(name, Object.keys(columns), exists)),
);

/** 64 sets of six parts; none of them has a lease, a fence or a publication. */
const sets = Array.from({ length: 64 }, (_, number) =>
  Array.from({ length: 6 }, (_, bit) => inserts[2 * bit + ((number >> bit) & 1)]!),
);

function filled(): Shapes {
  const shapes = new Shapes(tables);
  for (const parts of sets) shapes.keep(shapes.for(parts));
  return shapes;
}

const kept = (shapes: Shapes, parts: readonly string[]): Shape => {
  const shape = shapes.for(parts);
  shapes.keep(shape);
  return shape;
};

describe("shapes of the commit statement", () => {
  it("a batch is carried by a statement with just its parts, whatever came before", () => {
    const shapes = new Shapes(tables);
    kept(shapes, [leaseKey, fenceKey, publishKey]);
    assert.deepEqual(kept(shapes, [fenceKey]).parts, [fenceKey]);
  });

  it("the same parts in any order: the same statement, parts sorted", () => {
    const shapes = new Shapes(tables);
    const first = kept(shapes, [publishKey, leaseKey, fenceKey]);
    assert.deepEqual(first.parts, [fenceKey, leaseKey, publishKey].sort());
    assert.equal(shapes.for([leaseKey, fenceKey, publishKey]), first);
  });

  it("two processes give the same statement the same name", () => {
    const [one, other] = [new Shapes(tables), new Shapes(tables)];
    kept(one, [leaseKey]);
    assert.equal(one.for([fenceKey, leaseKey]).name, other.for([leaseKey, fenceKey]).name);
    assert.notEqual(one.for([leaseKey]).name, one.for([fenceKey, leaseKey]).name);
  });

  it("when 64 are kept, a batch takes one that has its parts", () => {
    const shapes = filled();
    const shape = shapes.for(sets[3]!.slice(1, 4));
    assert.ok(sets.some((parts) => [...parts].sort().join() === shape.parts.join()));
    for (const part of sets[3]!.slice(1, 4)) assert.ok(shape.parts.includes(part));
  });

  it("when none has them, one for everybody grows with what comes and serves what it has", () => {
    const shapes = filled();
    assert.deepEqual(kept(shapes, [leaseKey]).parts, [leaseKey]);
    const both = kept(shapes, [fenceKey]);
    assert.deepEqual(both.parts, [fenceKey, leaseKey].sort());
    assert.equal(shapes.for([leaseKey]), both);
  });

  it("a statement the database never carried out is forgotten", () => {
    const shapes = filled();
    shapes.for([publishKey]);
    assert.deepEqual(shapes.for([leaseKey]).parts, [leaseKey]);
  });

  it("the one for everybody starts over before it carries more than 24 parts", () => {
    const shapes = filled();
    const many = [...inserts.slice(12), fenceKey, publishKey].slice(0, 24);
    assert.ok(many.length + 13 > 24, `${many.length} parts to try with`);
    kept(shapes, many);
    const next = kept(shapes, [leaseKey, ...inserts.slice(0, 12)]);
    assert.deepEqual(next.parts, [leaseKey, ...inserts.slice(0, 12)].sort());
  });
});
