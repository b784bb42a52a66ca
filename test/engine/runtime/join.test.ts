import assert from "node:assert/strict";
import type { Row, Unit, Write } from "../../../engine/ports/store.js";
import { carriedOn, joinUnits } from "../../../engine/runtime/join.js";

const shapeOf = () => ({ key: ["id"], status: "state" });
const insert = (id: string, row: Row, exists: "conflict" | "keep" = "conflict"): Write => ({
  ...{ kind: "insert", table: "t", row: { id, ...row }, exists },
});
const move = (
  id: string,
  from: readonly string[],
  to: string,
  more: { set?: Row; match?: Row } = {},
): Write => ({
  ...{ kind: "transition", table: "t", key: { id }, from, to, ...more },
});
const unit = (...writes: readonly Write[]): Unit => ({ writes, publish: [] });

describe("two hops in one unit", () => {
  const rows: readonly (readonly [string, Write, Write, Write | readonly Write[] | undefined])[] = [
    [
      "a row that was inserted and moved is inserted as it is in the end",
      insert("1", { state: "a", sum: 1 }),
      move("1", ["a", "b"], "c", { set: { sum: 2 } }),
      insert("1", { state: "c", sum: 2 }),
    ],
    [
      "a row that was moved twice is moved once, from where it was at first",
      move("1", ["a"], "b", { set: { x: 1, y: 1 }, match: { z: 0 } }),
      move("1", ["b"], "c", { set: { y: 2 }, match: { x: 1 } }),
      move("1", ["a"], "c", { set: { x: 1, y: 2 }, match: { z: 0 } }),
    ],
    [
      "what is asked about an inserted row is known",
      insert("1", { state: "a", sum: 1 }),
      move("1", ["a"], "b", { match: { sum: 1 } }),
      insert("1", { state: "b", sum: 1 }),
    ],
    [
      "different rows stay what they are",
      insert("1", { state: "a" }),
      move("2", ["a"], "b"),
      [insert("1", { state: "a" }), move("2", ["a"], "b")],
    ],
    [
      "a state the first does not lead to: apart",
      insert("1", { state: "a" }),
      move("1", ["b"], "c"),
      undefined,
    ],
    [
      "a guard about a column the first does not set: apart",
      move("1", ["a"], "b", { set: { x: 1 } }),
      move("1", ["b"], "c", { match: { y: 1 } }),
      undefined,
    ],
    [
      "a guard that does not hold: apart",
      insert("1", { state: "a", sum: 1 }),
      move("1", ["a"], "b", { match: { sum: 2 } }),
      undefined,
    ],
    [
      "a row that may have been there before: apart",
      insert("1", { state: "a" }, "keep"),
      move("1", ["a"], "b"),
      undefined,
    ],
    ["inserted twice: apart", insert("1", { state: "a" }), insert("1", { state: "a" }), undefined],
  ];
  for (const [what, first, second, expected] of rows)
    it(what, () => {
      const joined = joinUnits(unit(first), unit(second), shapeOf);
      assert.deepEqual(joined?.writes, expected && [expected].flat());
    });

  it("the message is the second's; journal and messages are of both, in order", () => {
    const held = { messageId: "m", queue: "q", token: "t" };
    const entry = (kind: "end" | "intent", hop: number) => ({
      ...{ runDay: "2026-01-01", runId: "r", hop, point: 0, step: 0, stage: "s", outcome: "" },
      ...{ kind, data: {}, owner: `${hop}` },
    });
    const message = (messageId: string) => ({ messageId, queue: "q", type: "run", body: {} });
    const first: Unit = {
      message: { held, consume: true },
      journal: [entry("end", 0)],
      writes: [],
      publish: [message("1")],
    };
    const second: Unit = {
      message: { held, consume: false },
      journal: [entry("intent", 1)],
      writes: [],
      publish: [message("2")],
    };
    const joined = joinUnits(first, second, shapeOf);
    assert.deepEqual(joined?.message, { held, consume: false });
    assert.deepEqual(
      joined?.journal?.map(({ hop }) => hop),
      [0, 1],
    );
    assert.deepEqual(
      joined?.publish.map(({ messageId }) => messageId),
      ["1", "2"],
    );
    assert.deepEqual(
      carriedOn(joined?.journal).map(({ data }) => data["carried"]),
      [true, undefined],
    );
  });
});
