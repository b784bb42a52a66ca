/** Sends orders over kept connections. Works on undici's dispatcher directly: a promise and a stream less for each. */
import { type Dispatcher, Pool } from "undici";
import { orderPath } from "../world.js";
import type { SignedOrder } from "./orders.js";

/** As an integrator's client would give up. */
const answerMsMax = 30_000;

export class Sender {
  readonly #pool: Pool;

  constructor(baseUrl: string, connections: number) {
    this.#pool = new Pool(baseUrl, {
      connections,
      pipelining: 1,
      headersTimeout: answerMsMax,
      bodyTimeout: answerMsMax,
    });
  }

  /** Exactly one of the two is called. `kind` names the refusal: `503 overloaded`, or the code of a broken call. */
  send({ body, authorization }: SignedOrder, accepted: () => void, refused: (kind: string) => void): void {
    let status = 0;
    let text = "";
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, statusCode) => {
        status = statusCode;
      },
      onResponseData: (_controller, chunk) => {
        if (status >= 300) text += chunk.toString("utf8");
      },
      onResponseEnd: () => {
        if (status < 300) accepted();
        else refused(`${status} ${codeIn(text)}`);
      },
      onResponseError: (_controller, error) => {
        refused((error as NodeJS.ErrnoException).code ?? error.message);
      },
    };
    const headers = { "content-type": "application/json", authorization };
    this.#pool.dispatch({ path: orderPath, method: "POST", headers, body }, handler);
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

/** The code of a problem document, or what the answer begins with. */
function codeIn(text: string): string {
  try {
    return String((JSON.parse(text) as { readonly code?: unknown }).code);
  } catch {
    return text.slice(0, 60);
  }
}
