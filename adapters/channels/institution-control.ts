/**
 * `/__sim/...`: for tests and people, unsigned, so the server belongs on loopback. It answers with what is durable,
 * like everything else here.
 */
import { FaultError, type Faults } from "./institution-faults.js";
import { refundedOf, type Ledger } from "./institution-ledger.js";
import type { RequestLog } from "./institution-requests.js";

export interface ControlReply {
  readonly status: number;
  /** Undefined: no body. */
  readonly body?: unknown;
}

/** One row of `GET /__sim/charges`: money that moved. */
export interface ChargeRow {
  readonly paymentId: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Minor units given back so far. */
  readonly refunded: number;
  readonly channelOrderId: string;
  readonly method: string | null;
}

function charges(ledger: Ledger, paymentId: string | null): readonly ChargeRow[] {
  const orders = paymentId === null ? [...ledger.all()] : ledger.ofPayment(paymentId);
  return orders
    .filter((order) => order.status === "charged")
    .map((order) => ({
      paymentId: order.paymentId,
      amount: order.amount,
      currency: order.currency,
      at: order.at,
      refunded: refundedOf(order),
      channelOrderId: order.channelOrderId,
      method: order.method,
    }));
}

function addFault(faults: Faults, body: Uint8Array): ControlReply {
  try {
    return { status: 201, body: faults.add(JSON.parse(Buffer.from(body).toString("utf8"))) };
  } catch (error) {
    if (error instanceof FaultError) return { status: 400, body: { message: error.message } };
    if (error instanceof SyntaxError) return { status: 400, body: { message: "the body is not valid JSON" } };
    throw error;
  }
}

export interface Controlled {
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly requests: RequestLog;
}

export function control(sim: Controlled, method: string, url: URL, body: Uint8Array): ControlReply {
  switch (`${method} ${url.pathname}`) {
    case "GET /__sim/charges":
      return { status: 200, body: charges(sim.ledger, url.searchParams.get("paymentId")) };
    case "GET /__sim/requests":
      return { status: 200, body: sim.requests.list() };
    case "GET /__sim/faults":
      return { status: 200, body: sim.faults.list() };
    case "POST /__sim/faults":
      return addFault(sim.faults, body);
    case "DELETE /__sim/faults":
      sim.faults.clear();
      return { status: 204 };
    default:
      return { status: 404, body: { message: "GET charges, requests, faults; POST and DELETE faults" } };
  }
}
