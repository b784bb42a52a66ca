import assert from "node:assert/strict";
import { latenciesOf } from "../../../bench/contestants/floor.js";

describe("the floor", () => {
  it("latencies are read from all of pgbench's logs, in milliseconds, ascending", () =>
    assert.deepEqual(
      [
        ...latenciesOf([
          "0 1 30500 0 1700000000 1\n1 1 1500 0 1700000000 2\n",
          "2 1 9000 0 1700000000 3\n",
          "",
        ]),
      ],
      [1.5, 9, 30.5],
    ));
});
