import assert from "node:assert/strict";
import type { Plan, Target } from "../../../engine/compiler/plan.js";
import { limits } from "../../../engine/limits.js";
import type { StoredSignal } from "../../../engine/ports/store.js";
import { advance, type Move, type Position } from "../../../engine/runtime/advance.js";
import { table } from "../../support/memory/table.js";

const runId = "019ca8d7-2d00-7000-8000-000000000001";
const target = (text: string): Target => {
  const [kind, rest = ""] = text.split(":");
  if (kind === "end") return { to: "end", state: rest };
  return kind === "park" ? { to: "park", reason: rest } : { to: "stage", stage: text };
};
const on = (targets: Record<string, string>): Record<string, Target> =>
  Object.fromEntries(Object.entries(targets).map(([outcome, text]) => [outcome, target(text)]));
const stage = (targets: Record<string, string>, entriesMax?: number) =>
  ({
    kind: "transaction",
    transaction: "t",
    queue: "channel.{channel}",
    steps: [],
    on: on(targets),
    ...(entriesMax === undefined ? {} : { entriesMax }),
  }) as const;
const wait = (targets: Record<string, string>, timeoutsMs: readonly number[], entriesMax?: number) =>
  ({
    kind: "wait",
    wait: "something",
    timeoutsMs,
    on: on(targets),
    ...(entriesMax === undefined ? {} : { entriesMax }),
  }) as const;

const plan: Plan = {
  ...{ format: 1, flow: "f", title: "f", input: [], optional: [], subscribe: [], start: "a", hash: "h" },
  stages: {
    a: stage({
      ...{ b: "b", wait: "w", end: "end:done", park: "park:odd", bounded: "once", chain: "first" },
      ...{ timed: "timed", told: "told" },
    }),
    b: stage({}),
    w: wait({ ping: "b", pong: "w2", timeout: "end:silent" }, [100]),
    w2: wait({ ping: "b", timeout: "end:silent" }, [100]),
    timed: wait({ timeout: "b" }, [100, 200]),
    told: { ...wait({ timeout: "b" }, [100]), timeoutField: "askAgainMs" },
    once: stage({ exhausted: "park:too-often" }, 1),
    first: stage({ exhausted: "second" }, 1),
    second: wait({ timeout: "b", exhausted: "end:given-up" }, [100], 1),
  },
};

const signal = (name: string): StoredSignal => ({
  ...{ signalId: `019ca8d7-2d00-7000-8000-00000000${name === "ping" ? "aaaa" : "bbbb"}`, runId },
  ...{ signal: name, fields: { [name]: true } },
});

function position(outcome: string, change: Partial<Position> = {}): Position {
  return {
    plan,
    body: {
      ...{ runId, flow: "f", planHash: "h", type: "t", stage: "a", hop: 4, acceptedAtMs: 1 },
      ...{ fields: { channel: "alpha" }, entries: {}, signalsSeen: 0 },
    },
    ...{ outcome, nowMs: 1000, rowState: "open", rowHop: 4, pending: [], signalsGiven: 0, reply: {} },
    ...change,
  };
}

/** `runs open>waiting`, `runs +open`, `timers 1100`, `signals taken` ... */
const writesOf = ({ writes }: Move): string =>
  writes
    .map((write) => {
      if (write.kind === "transition")
        return write.table === "runs"
          ? `runs ${write.from.join()}>${write.to}`
          : `${write.table} ${write.to}`;
      return write.table === "timers"
        ? `timers ${String(write.row["dueAt"])}`
        : `${write.table} +${String(write.row["state"])}`;
    })
    .join(", ");

describe("advance", () => {
  /** `before`: entries of the stages so far; `message`: queue and hop of the next message. */
  const rows = `
# outcome  row      before            pending    next          message          writes
b          open     -                 -          stage:b       channel.alpha 5  -
b          none     -                 -          stage:b       channel.alpha 5  runs +open
b          waiting  -                 -          stage:b       channel.alpha 5  runs waiting>open
end        open     -                 -          end:done      -                runs open>ended
end        none     -                 -          end:done      -                runs +ended
park       open     -                 -          park:odd      -                runs open>parked
wait       open     -                 -          wait:w        -                runs open>waiting, timers 1100
wait       none     -                 -          wait:w        -                runs +waiting, timers 1100
timed      open     -                 -          wait:timed    -                runs open>waiting, timers 1100
timed      open     timed=1           -          wait:timed    -                runs open>waiting, timers 1200
timed      open     timed=7           -          wait:timed    -                runs open>waiting, timers 1200
wait       open     -                 ping       stage:b       channel.alpha 6  signals taken
wait       open     -                 pong       wait:w2       -                runs open>waiting, signals taken, timers 1100
wait       open     -                 pong ping  stage:b       channel.alpha 7  signals taken, signals taken
bounded    open     -                 -          stage:once    channel.alpha 5  -
bounded    open     once=1            -          park:too-often  -              runs open>parked
chain      open     first=1           -          wait:second   -                runs open>waiting, timers 1100
chain      open     first=1 second=1  -          end:given-up  -                runs open>ended
`;
  for (const [outcome = "", row, before = "", pending = "", next, message, writes] of table(rows)) {
    it(`${outcome} with row ${row}, entered ${before || "nothing"}, pending ${pending || "nothing"}: ${next}`, () => {
      const entries = Object.fromEntries(
        before
          .split(" ")
          .filter(Boolean)
          .map((each) => [each.split("=")[0], Number(each.split("=")[1])]),
      ) as Record<string, number>;
      const start = position(outcome, {
        rowState: row as Position["rowState"],
        pending: pending.split(" ").filter(Boolean).map(signal),
        signalsGiven: pending.split(" ").filter(Boolean).length,
      });
      const move = advance({ ...start, body: { ...start.body, entries } });
      assert.equal(move.next, next);
      assert.equal(move.publish.map(({ queue, body }) => `${queue} ${String(body["hop"])}`).join(), message);
      assert.equal(writesOf(move), writes);
    });
  }

  const told: readonly (readonly [said: unknown, dueAt: number])[] = [
    [undefined, 1_100],
    [700, 1_700],
    ["700", 1_100],
    [0, 1_001],
    [Number.MAX_SAFE_INTEGER, 1_000 + limits.waitTimeoutMsMax],
  ];
  for (const [said, dueAt] of told)
    it(`a wait whose field says ${String(said)} ends at ${dueAt}`, () => {
      const start = position("told");
      const fields = { ...start.body.fields, ...(said === undefined ? {} : { askAgainMs: said }) };
      const move = advance({ ...start, body: { ...start.body, fields } });
      assert.equal(writesOf(move), `runs open>waiting, timers ${dueAt}`);
    });

  it("a signal taken on the way brings its fields", () => {
    const move = advance(position("wait", { pending: [signal("ping")], signalsGiven: 1 }));
    assert.deepEqual(move.fields, { ping: true });
    assert.deepEqual(move.publish[0]?.body["fields"], { channel: "alpha", ping: true });
  });

  it("what stays pending counts as not seen, so that the next wait looks for it", () => {
    const pending = [signal("ping"), { ...signal("pong"), signalId: "019ca8d7-2d00-7000-8000-00000000cccc" }];
    const move = advance(position("wait", { pending, signalsGiven: 5 }));
    assert.equal(move.publish[0]?.body["signalsSeen"], 4);
  });

  it("a wait is entered only if no signal was given since the look", () => {
    const guard = (rowState: Position["rowState"]) =>
      advance(position("wait", { rowState, signalsGiven: 3 })).writes.flatMap((write) =>
        write.kind === "transition" ? [write.match] : [],
      );
    assert.deepEqual(guard("open"), [{ signalsGiven: 3 }]);
    assert.deepEqual(guard("waiting"), [{ hop: 4, signalsGiven: 3 }]);
  });

  it("the message answers to whoever asked, and never says that it was republished", () => {
    const start = position("b", { reply: { replyTo: "bridge", correlationId: "c" } });
    const [message] = advance({ ...start, body: { ...start.body, republished: true } }).publish;
    assert.deepEqual([message?.replyTo, message?.correlationId], ["bridge", "c"]);
    assert.equal("republished" in (message?.body ?? {}), false);
  });

  it("the same facts give the same move", () => {
    assert.deepEqual(advance(position("wait")), advance(position("wait")));
  });

  const refused: readonly (readonly [string, Partial<Position>, string])[] = [
    ["an outcome the stage does not map", { outcome: "strange" }, "outcome_undeclared"],
    ["one stage too many", { body: { ...position("b").body, hop: limits.hopsMax - 1 } }, "hops_exhausted"],
  ];
  for (const [what, change, code] of refused)
    it(`${what}: ${code}`, () => {
      assert.throws(() => advance(position("b", change)), { code });
    });
});
