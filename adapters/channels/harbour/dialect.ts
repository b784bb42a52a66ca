/** Our side of the Harbour gateway. Prose in README.md. */
import type { Asked, Dialect, Heard, Operation, Outgoing, Received } from "../dialect.js";
import { only, toldOf } from "../json-dialect.js";
import { results, services } from "./codes.js";
import { contentType, formFault, gatewayPath, parseForm, writeForm, yuanOf, minorOf } from "./form.js";

type Fields = Readonly<Record<string, string | undefined>>;

const shown = ["service", "ret", "memo", "out_no", "refund_no", "trade_no", "fee", "time"];

const fields: { readonly [O in Operation]: (asked: Asked[O]) => Fields } = {
  charge: ({ paymentId, orderId, amountMinor, subject, method, returnUrl }) => ({
    out_no: paymentId,
    attach: orderId,
    fee: yuanOf(amountMinor),
    body: subject,
    pay_type: method,
    return_url: returnUrl,
  }),
  inquire: ({ paymentId }) => ({ out_no: paymentId }),
  refund: ({ refundId, paymentId, amountMinor, totalMinor, reason }) => ({
    refund_no: refundId,
    out_no: paymentId,
    fee: yuanOf(amountMinor),
    total_fee: yuanOf(totalMinor),
    memo: reason,
  }),
  inquireRefund: ({ refundId, paymentId }) => ({ refund_no: refundId, out_no: paymentId }),
  close: ({ paymentId }) => ({ out_no: paymentId }),
};

/** @param service what the form must speak of: an answer to one service cannot stand for another. */
function hear(secret: string, service: string, { body }: Received, nowMs?: number): Heard {
  const form = parseForm(body);
  if (!form) return { trusted: false, forged: true, why: "a field is given twice" };
  const why = formFault(form, secret, nowMs);
  if (why !== undefined) return { trusted: false, forged: true, why };
  if (form["service"] !== service) {
    return { trusted: false, forged: true, why: `it is about service ${form["service"] ?? "none"}` };
  }
  const action = form["code_url"];
  const told = toldOf({
    code: form["ret"],
    message: form["memo"],
    paymentId: form["out_no"],
    refundId: form["refund_no"],
    channelOrderId: form["trade_no"],
    amountMinor: minorOf(form["fee"]),
    // The gateway knows no other.
    currency: "CNY",
    action: action === undefined ? undefined : { kind: "qr", content: action },
    shown: only(form, shown),
  });
  return { trusted: true, told };
}

export function harbourDialect(partner: string, secret: string): Dialect {
  const asking =
    <O extends Operation>(operation: O) =>
    (asked: Asked[O], nowMs: number): Outgoing => {
      const body = writeForm(
        { service: services[operation], partner, ...fields[operation](asked) },
        secret,
        nowMs,
      );
      return { path: gatewayPath, headers: { "content-type": contentType }, body };
    };
  const reply = (status: number, body: string) => ({ status, contentType: "text/plain", body });
  return {
    results,
    ask: {
      charge: asking("charge"),
      inquire: asking("inquire"),
      refund: asking("refund"),
      inquireRefund: asking("inquireRefund"),
      close: asking("close"),
    },
    // The question is signed by us and at hand, so the service asked for is read from it.
    hear: (sent, received, nowMs) => hear(secret, parseForm(sent.body)?.["service"] ?? "", received, nowMs),
    hearCallback: (received) => hear(secret, "pay.notify", received),
    replies: { taken: reply(200, "OK"), forged: reply(403, "SIGN"), unreadable: reply(400, "FORM") },
  };
}
