/**
 * The channel of a measurement: speaks the simulated institution's dialect, verifies every signature and signs every
 * answer as that one does, approves at once, and remembers in memory whom it charged. Like the institution it does
 * not de-duplicate: a repeat is charged again, and counted.
 */
import { simulatorKind } from "../../adapters/channels/simulator/institution.js";
import type { Answer, InstitutionOperation } from "../../adapters/channels/institution-dialect.js";
import { channelSecret } from "../world.js";
import type { ChannelCounts } from "./book.js";
import type { Posted, Reply } from "./http.js";

interface Charge {
  readonly paymentId: string;
  readonly channelOrderId: string;
  readonly amount: number;
  readonly currency: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

const { dialect, numberPrefix } = simulatorKind(channelSecret);

export class Channel {
  readonly #charges = new Map<string, Charge>();
  #counts = { charged: 0, chargedTwice: 0, forged: 0 };

  /** Of this phase: the next one begins at zero. */
  take(): ChannelCounts {
    const counts = this.#counts;
    this.#counts = { charged: 0, chargedTwice: 0, forged: 0 };
    return counts;
  }

  readonly answer = (posted: Posted): Reply => {
    const understood = dialect.read(posted, Date.now());
    if (understood === undefined) return { status: 404, headers: {}, body: Buffer.alloc(0) };
    const { operation } = understood;
    if (!understood.genuine) {
      this.#counts.forged += 1;
      return this.#reply(401, posted, operation, { code: "BAD_SIGNATURE", message: understood.why });
    }
    const answer = this.#execute(operation, understood.fields ?? {});
    return this.#reply(answer.code === "INVALID_REQUEST" ? 400 : 200, posted, operation, answer);
  };

  #execute(operation: InstitutionOperation, fields: Readonly<Record<string, unknown>>): Answer {
    const { paymentId, amount, currency } = fields;
    if (typeof paymentId !== "string") return { code: "INVALID_REQUEST", message: "there is no paymentId" };
    const known = this.#charges.get(paymentId);
    if (operation === "query")
      return known ? approved(known) : { code: "NOT_FOUND", message: "No such payment", paymentId };
    if (operation !== "pay" || typeof amount !== "number" || typeof currency !== "string")
      return { code: "INVALID_REQUEST", message: "this channel takes pay and query", paymentId };
    this.#counts.charged += 1;
    if (known) this.#counts.chargedTwice += 1;
    const channelOrderId = `${numberPrefix}${this.#charges.size + 1}`;
    const charge = { paymentId, channelOrderId, amount, currency, at: Date.now() };
    this.#charges.set(paymentId, charge);
    return approved(charge);
  }

  #reply(status: number, { target }: Posted, operation: InstitutionOperation, answer: Answer): Reply {
    return { status, ...dialect.answer(operation, target, answer, Date.now()) };
  }
}

const approved = (charge: Charge): Answer => ({
  code: "APPROVED",
  message: "The payment was charged",
  ...charge,
  refunded: 0,
});
