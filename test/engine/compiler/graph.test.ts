import assert from "node:assert/strict";
import { vocabulary } from "../../../atoms/index.js";
import { graphOf } from "../../../engine/compiler/graph.js";
import { shippedPlan } from "../../support/shipped.js";

const graph = graphOf(shippedPlan("pay"), vocabulary.atoms);
const node = (id: string) => graph.nodes.find((each) => each.id === id);

describe("graph: a plan that can be drawn", () => {
  it("every way leads from a stage to a node that is there, and every node but the start is led to", () => {
    const ids = new Set(graph.nodes.map(({ id }) => id));
    assert.equal(ids.size, graph.nodes.length, "ids are unique");
    for (const { from, to, outcome } of graph.edges) assert.ok(ids.has(from) && ids.has(to), outcome);
    const ledTo = new Set([graph.start, ...graph.edges.map(({ to }) => to)]);
    assert.deepEqual(
      [...ids].filter((id) => !ledTo.has(id)),
      [],
    );
  });

  it("begins where runs begin", () => {
    assert.deepEqual([graph.start, graph.nodes[0]?.id], ["stage:intake", "stage:intake"]);
  });

  it("shows the barrier before the call that moves money, and what each atom does to the world", () => {
    const charge = node("stage:charge");
    assert.ok(charge?.kind === "transaction");
    assert.deepEqual(
      charge.steps.map(({ atom, effect, barrier, intent }) => [atom, effect, barrier, intent]),
      [
        ["route.confirm", "pure", false, false],
        ["payment.send", "store", false, false],
        ["channel.charge", "external", true, true],
        ["payment.record", "store", false, false],
      ],
    );
  });

  it("waits say what for and how long; ends and parks are nodes of their own", () => {
    const wait = node("stage:await");
    assert.ok(wait?.kind === "wait");
    assert.deepEqual([wait.wait, wait.timeoutsMs[0], wait.timeoutField], ["the payer", 5000, "askAgainMs"]);
    assert.deepEqual(node("end:paid"), { kind: "end", id: "end:paid", state: "paid" });
    assert.equal(node("park:undecided")?.kind, "park");
  });

  it("an atom this build does not hold any more is drawn by its name, its effect unknown", () => {
    const old = graphOf(shippedPlan("accounting"), new Map());
    const [first] = old.nodes;
    assert.ok(first?.kind === "transaction");
    assert.deepEqual([first.steps[0]?.title, first.steps[0]?.effect], ["accounting.enter", undefined]);
  });
});
