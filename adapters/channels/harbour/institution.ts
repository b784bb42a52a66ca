/** The Harbour gateway's own side: its forms and codes around the behaviour all simulated institutions share. */
import type { Json } from "../dialect.js";
import type { Answer, InstitutionDialect, Written } from "../institution-dialect.js";
import {
  startInstitution,
  type InstitutionKind,
  type InstitutionOptions,
  type RunningInstitution,
} from "../institution-server.js";
import { codeOf, operationOf } from "./codes.js";
import {
  contentType,
  formFault,
  gatewayPath,
  minorOf,
  parseForm,
  writeForm,
  yuanOf,
  type Form,
} from "./form.js";

/** A form in the words of the institution's behaviour; what was not given is missing there, too. */
const understood = ({ out_no, refund_no, attach, fee, pay_type }: Form): Json => ({
  paymentId: out_no,
  refundId: refund_no,
  orderId: attach,
  amount: minorOf(fee),
  currency: "CNY",
  ...(pay_type === undefined ? {} : { method: pay_type }),
});

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

function formOf(service: string, answer: Answer): Readonly<Record<string, string | undefined>> {
  const { paymentId, refundId, channelOrderId, amount, action } = answer;
  return {
    service,
    ret: codeOf[answer.code],
    memo: answer.message,
    out_no: text(paymentId),
    refund_no: text(refundId),
    trade_no: text(channelOrderId),
    fee: typeof amount === "number" ? yuanOf(amount) : undefined,
    code_url: text((action as Json | undefined)?.["content"]),
  };
}

function harbourInstitution(secret: string): InstitutionDialect {
  const written = (service: string, answer: Answer, nowMs: number): Written => ({
    headers: { "content-type": contentType },
    body: writeForm(formOf(service, answer), secret, nowMs),
  });
  const serviceOf = new Map(Object.entries(operationOf).map(([service, operation]) => [operation, service]));
  return {
    read: ({ method, target, body }, nowMs) => {
      if (method !== "POST" || target !== gatewayPath) return undefined;
      const form = parseForm(body);
      const operation = operationOf[form?.["service"] ?? ""];
      if (!form || operation === undefined) return undefined;
      const why = formFault(form, secret, nowMs);
      return why === undefined
        ? { operation, genuine: true, fields: understood(form) }
        : { operation, genuine: false, why };
    },
    answer: (operation, _, answer, nowMs) => written(serviceOf.get(operation) ?? "", answer, nowMs),
    notice: (answer, nowMs) => written("pay.notify", answer, nowMs),
    noticeTaken: (status, body) => status === 200 && body === "OK",
  };
}

/** @param secret key both sides sign with. */
export const harbourKind = (secret: string): InstitutionKind => ({
  dialect: harbourInstitution(secret),
  numberPrefix: "HC",
  closesUnseen: false,
});

/** @throws when the port is taken or the ledger file is damaged. */
export const startHarbour = ({
  secret,
  ...options
}: InstitutionOptions & { readonly secret: string }): Promise<RunningInstitution> =>
  startInstitution(harbourKind(secret), options);
