/** Signed orders, as the bytes of their requests. A phase signs what it may need before it begins: a signature costs more than to send it. */
import { signRequest } from "../../adapters/http/sign.js";
import { merchant, orderPath } from "../world.js";
import { amount } from "./book.js";
import { format } from "./wire.js";

const numberOf = /-(\d+)$/;

export class Orders {
  readonly #ready: string[] = [];

  /** @param prefix of all numbers of one phase, 2 to 40 characters of a-z and 0-9, used by no other phase */
  constructor(
    private readonly prefix: string,
    private readonly notifyUrl: string,
    private readonly host: string,
  ) {}

  /** Signs the first `count` orders; those after them are signed as they leave. */
  prepare(count: number): void {
    while (this.#ready.length < count) this.#ready.push(this.#sign(this.#ready.length));
  }

  /** The whole HTTP request. */
  request(number: number): string {
    return this.#ready[number] ?? this.#sign(number);
  }

  /** The order that `merchantOrderId` names, or undefined when it is none of this phase. */
  numberOf(merchantOrderId: string): number | undefined {
    if (!merchantOrderId.startsWith(`${this.prefix}-`)) return undefined;
    const digits = numberOf.exec(merchantOrderId)?.[1];
    return digits === undefined ? undefined : Number(digits);
  }

  #sign(number: number): string {
    const merchantOrderId = `${this.prefix}-${number}`;
    const body = JSON.stringify({
      merchantOrderId,
      amount,
      currency: "CNY",
      subject: "benchmark",
      notifyUrl: this.notifyUrl,
    });
    const authorization = signRequest({
      ...merchant,
      method: "POST",
      path: orderPath,
      body,
      algorithm: "hmac-sha256",
      nowMs: Date.now(),
      nonce: `nonce-${merchantOrderId}`,
    });
    const headers = { host: this.host, "content-type": "application/json", authorization };
    return format(`POST ${orderPath} HTTP/1.1`, headers, body);
  }
}
