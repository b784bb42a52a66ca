/** The bridge under fire: how its bytes are made, what was answered, and which orders may exist afterwards. */
import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { signRequest } from "../../../adapters/http/sign.js";
import { deriveId } from "../../../engine/ids.js";
import type { Credentials } from "../client.js";
import { assertProblem, type RawAnswer, RawConnection } from "../raw-http.js";

export interface Wanted {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string | Buffer;
  /** Lines between the request line and the body, instead of the usual ones; the signature may be put in. */
  readonly head?: (authorization: string, body: Buffer) => readonly string[];
}

const silentMs = 200;
const settleMsMax = 5_000;

export class Target {
  /** Orders that were answered 2xx. */
  readonly accepted = new Set<string>();
  /** Orders that were sent whole and never answered: they may exist. */
  readonly unanswered = new Set<string>();
  /** Answers by status; `closed` and `silent`: connections that ended, or waited for more, without one. */
  readonly tally = new Map<string, number>();
  connections = 0;
  #orders = 0;

  constructor(
    readonly bridge: string,
    private readonly credentials: Credentials,
    private readonly notifyUrl: string,
  ) {}

  connect(): RawConnection {
    this.connections++;
    return new RawConnection(this.bridge);
  }

  /** A body that would be accepted, with a number of its own. */
  order(
    changes: Readonly<Record<string, unknown>> = {},
  ): Readonly<Record<string, unknown>> & { merchantOrderId: string } {
    const merchantOrderId = `fuzz-${++this.#orders}`;
    const rest = { amount: 100 + this.#orders, currency: "CNY", subject: "x", notifyUrl: this.notifyUrl };
    return { merchantOrderId, ...rest, ...changes };
  }

  orderIdOf(merchantOrderId: string): string {
    return deriveId("order", this.credentials.merchantId, merchantOrderId);
  }

  /** A request with a genuine signature over what it says. */
  signed({ path = "/v1/orders", method = "POST", body = "", head }: Wanted = {}): Buffer {
    const bytes = Buffer.from(body);
    const authorization = signRequest({
      ...this.credentials,
      ...{ method, path, body: bytes, algorithm: "hmac-sha256", nowMs: Date.now(), nonce: randomUUID() },
    });
    const usual = [
      "host: x",
      `authorization: ${authorization}`,
      "content-type: application/json",
      `content-length: ${bytes.length}`,
    ];
    const lines = [`${method} ${path} HTTP/1.1`, ...(head?.(authorization, bytes) ?? usual)];
    return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), bytes]);
  }

  /** Sends and waits for what comes back; every answer must be whole, and a problem unless it is a success. */
  async fire(bytes: Uint8Array | string, connection = this.connect()): Promise<readonly RawAnswer[]> {
    await connection.write(bytes);
    await connection.settle(silentMs, settleMsMax);
    const answers = this.note(connection);
    connection.socket.destroy();
    return answers;
  }

  /** The same for an order: it is known afterwards whether it may exist. */
  async fireOrder(merchantOrderId: string, bytes: Uint8Array): Promise<void> {
    const connection = this.connect();
    await connection.write(bytes);
    await this.finishOrder(merchantOrderId, connection);
  }

  /** For an order that has been sent whole. */
  async finishOrder(merchantOrderId: string, connection: RawConnection): Promise<void> {
    const giveUpAtMs = Date.now() + settleMsMax;
    let state = await connection.settle(silentMs, settleMsMax);
    // A good order may take the reply's whole patience.
    while (state === "open" && connection.received.length === 0 && Date.now() < giveUpAtMs)
      state = await connection.settle(silentMs, settleMsMax);
    const answers = this.note(connection);
    connection.socket.destroy();
    if (answers.length === 0) this.unanswered.add(this.orderIdOf(merchantOrderId));
  }

  note(connection: RawConnection): readonly RawAnswer[] {
    const answers = connection.answers;
    const { destroyed, readableEnded } = connection.socket;
    if (answers.length === 0) this.#count(destroyed || readableEnded ? "closed" : "silent");
    for (const answer of answers) {
      this.#count(String(answer.status));
      assert.notEqual(answer.status, 500, answer.body);
      if (answer.status >= 400) assertProblem(answer);
      else this.#remember(answer);
    }
    return answers;
  }

  #remember({ status, headers, body }: RawAnswer): void {
    assert.ok([200, 201, 202].includes(status), `${status} ${body}`);
    if (!headers.has("location")) return;
    const { orderId } = JSON.parse(body) as { readonly orderId: string };
    this.accepted.add(orderId);
  }

  #count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }
}
