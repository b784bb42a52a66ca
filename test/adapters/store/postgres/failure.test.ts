import assert from "node:assert/strict";
import { classify, RefusedError } from "../../../../adapters/store/postgres/failure.js";
import { BatchError } from "../../../../engine/ports/store.js";

/** SQLSTATEs: PostgreSQL manual, appendix A. Others are what Node and pg say. */
const table = `
  # code          what it is                                   what to do next
  23505           unique_violation                             data
  23514           check_violation                              data
  22P02           invalid_text_representation                  data
  22P05           untranslatable_character                     data
  22003           numeric_value_out_of_range                   data
  42703           undefined_column                             data
  42P01           undefined_table                              data
  40001           serialization_failure                        transient
  40P01           deadlock_detected                            transient
  55P03           lock_not_available                           transient
  57014           query_canceled                               transient
  25006           read_only_sql_transaction                    transient
  53100           disk_full                                    transient
  53200           out_of_memory                                transient
  53300           too_many_connections                         transient
  40003           statement_completion_unknown                 lost
  08006           connection_failure                           lost
  57P01           admin_shutdown                               lost
  57P02           crash_shutdown                               lost
  58030           io_error                                     lost
  57P03           cannot_connect_now                           unreachable
  ECONNREFUSED    nobody listens                               unreachable
  ENOTFOUND       no such host                                 unreachable
  EPIPE           not an SQLSTATE, although it has five signs   lost
  ECONNRESET      reset under way                              lost
  ETIMEDOUT       silence                                      lost
  -               connection terminated, without a code        lost
`;

describe("failures of the database", () => {
  for (const line of table.split("\n").filter((text) => /^ +[^ #]/.test(text))) {
    const [code = "", what = "", kind] = line.trim().split(/ {2,}/);
    it(`${code} (${what}): ${kind}`, () => {
      const error = Object.assign(new Error(what), code === "-" ? {} : { code });
      const found = classify(error);
      assert.ok(found instanceof BatchError);
      assert.equal(found.kind, kind);
      assert.equal(found.cause, error);
    });
  }

  it("whatever goes wrong while connecting: unreachable, for nothing was sent", () => {
    for (const code of ["28P01", "3D000", "ECONNRESET", "57P01", undefined]) {
      const found = classify(Object.assign(new Error("no"), { code }), "connecting");
      assert.equal(found instanceof BatchError && found.kind, "unreachable");
    }
  });

  it("our own SQLSTATE: gates refused units, and the detail names them", () => {
    const found = classify(Object.assign(new Error("no"), { code: "VL001", detail: "[1]" }));
    assert.ok(found instanceof RefusedError);
    assert.equal(found.refusals, "[1]");
  });

  it("what is sorted already stays as it is; what is no error at all is an unknown", () => {
    const sorted = new BatchError("data", "no");
    assert.equal(classify(sorted), sorted);
    const found = classify(undefined);
    assert.equal(found instanceof BatchError && found.kind, "lost");
  });
});
