import assert from "node:assert/strict";
import { waitAfter } from "../../../adapters/identity/waits.js";

describe("waiting after failed logins", () => {
  const table: readonly (readonly [failures: number, waitS: number])[] = [
    [1, 0],
    [4, 0],
    [5, 5],
    [6, 10],
    [7, 20],
    [12, 640],
    [13, 900],
    [1_000_000, 900],
  ];
  for (const [failures, waitS] of table)
    it(`${failures} failures: ${waitS} s`, () => assert.equal(waitAfter(failures), waitS * 1_000));
});
