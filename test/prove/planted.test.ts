/** What is wrong is found, and at the right point. */
import assert from "node:assert/strict";
import { memoryProduct } from "../../adapters/compose/memory-product.js";
import { prepare } from "../../adapters/memory/prove/production.js";
import { prove, type Proof } from "../../adapters/memory/prove/prove.js";
import type { Product } from "../../adapters/memory/world.js";
import { channelCharge } from "../../atoms/channel/charge.js";
import { notifySend } from "../../atoms/notify/send.js";
import type { Atom } from "../../engine/atom.js";

const planted = (...atoms: readonly Atom<never>[]): Product => {
  const product = memoryProduct();
  const changed = new Map([...product.vocabulary.atoms, ...atoms.map((atom) => [atom.name, atom] as const)]);
  return { ...product, vocabulary: { ...product.vocabulary, atoms: changed } };
};

/** They are wrong as soon as anything happens. */
const playsMax = 4;

const proofOf = async (flow: string, ...atoms: readonly Atom<never>[]): Promise<Proof> =>
  prove(await prepare(planted(...atoms)), flow, { playsMax, buses: ["claim"] });

/** `charge external-returned`, of everything that differs. */
const pointsOf = ({ tried }: Proof): readonly string[] => [
  ...new Set(
    tried.flatMap(({ differs, passed }) => (differs.length > 0 ? [`${passed.stage} ${passed.point}`] : [])),
  ),
];

describe("a planted bug is found", function () {
  this.timeout(60_000);

  it("a charge that claims to be idempotent and is not: charged twice where its answer was lost", async () => {
    const { inquire: _inquire, ...careless } = channelCharge as Atom<never>;
    const proof = await proofOf("pay", { ...careless, idempotentBy: "paymentId" });
    assert.ok(pointsOf(proof).includes("charge external-returned"), pointsOf(proof).join(", "));
    const twice = proof.tried
      .flatMap(({ differs }) => differs)
      .filter((line) => /charge alpha .* TIMES/.test(line));
    assert.ok(twice.length > 0, "the ledger of the institution says so");
  });

  it("a lost answer taken for a decline: the order is not as the institution has it", async () => {
    const guessing = {
      ...(channelCharge as Atom<never>),
      inquire: (input: never, context: never) =>
        Promise.resolve((channelCharge as Atom<never>).inquire?.(input, context)).then((answer) => ({
          ...answer,
          outcome: "declined",
          fields: { ...answer?.fields, channelResult: "declined" },
        })),
    } as Atom<never>;
    const proof = await proofOf("pay", guessing);
    assert.ok(pointsOf(proof).includes("charge intent-committed"), pointsOf(proof).join(", "));
  });

  it("a notification under another id each time: the merchant is told twice", async () => {
    let count = 0;
    const fickle = {
      ...(notifySend as Atom<never>),
      run: (input: Record<string, unknown>, context: never) =>
        (notifySend as Atom<never>).run(
          { ...input, notificationId: `01900000-0000-7000-8000-${String(++count).padStart(12, "0")}` },
          context,
        ),
    } as Atom<never>;
    const proof = await proofOf("notify", fickle);
    assert.ok(pointsOf(proof).includes("send external-returned"), pointsOf(proof).join(", "));
  });
});
