/** An integrator's client: signs, sends, repeats what was not answered. Each call is one HTTP request. */
import { randomUUID } from "node:crypto";
import { signRequest } from "../../adapters/http/sign.js";

export interface Credentials {
  readonly merchantId: string;
  readonly keyId: string;
  readonly secret: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly location: string | null;
  readonly retryAfter: string | null;
}

export class Client {
  constructor(
    private readonly bridge: string,
    private readonly credentials: Credentials,
  ) {}

  post(path: string, body: unknown): Promise<Answer> {
    return this.#send("POST", path, JSON.stringify(body));
  }

  get(path: string): Promise<Answer> {
    return this.#send("GET", path, "");
  }

  async #send(method: "GET" | "POST", path: string, body: string): Promise<Answer> {
    const authorization = signRequest({
      ...this.credentials,
      method,
      path,
      body,
      algorithm: "hmac-sha256",
      nowMs: Date.now(),
      nonce: randomUUID(),
    });
    const response = await fetch(this.bridge + path, {
      method,
      headers: { authorization, ...(method === "POST" ? { "content-type": "application/json" } : {}) },
      ...(method === "POST" ? { body } : {}),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: JSON.parse(text) as Answer["body"],
      location: response.headers.get("location"),
      retryAfter: response.headers.get("retry-after"),
    };
  }
}

type Body = Readonly<Record<string, unknown>>;

/**
 * Sends until it is answered 2xx or with a final refusal, as an integrator must: a lost connection, 503 and 500 say
 * nothing about what was asked, `no_route` says that it was not taken now (a breaker that is open closes again), and
 * the same number again is the same order or refund.
 */
export async function insist(client: Client, path: string, body: Body, giveUpAtMs: number): Promise<Answer> {
  for (;;) {
    try {
      const answer = await client.post(path, body);
      if (answer.status < 500 && answer.body["code"] !== "no_route") return answer;
    } catch (error) {
      if (Date.now() > giveUpAtMs) throw error;
    }
    if (Date.now() > giveUpAtMs) throw new Error(`${path} was never answered: ${JSON.stringify(body)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const submit = (client: Client, body: Body, giveUpAtMs: number): Promise<Answer> =>
  insist(client, "/v1/orders", body, giveUpAtMs);
