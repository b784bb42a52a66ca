/**
 * One HTTP exchange, never repeated, that knows whether anything was sent. undici calls `onRequestStart` right before
 * it writes the head of a request to a connected socket. A request that ends without it was never written: connect or
 * TLS failed, or it was still waiting for a connection. One abandoned while it waited is refused when its turn comes.
 */
import type { Dispatcher } from "undici";
import type { Headers } from "./dialect.js";

export type Exchange =
  | { readonly outcome: "notSent"; readonly why: string }
  /** Sent, and no complete answer: what the other side did is unknown. */
  | { readonly outcome: "silent"; readonly why: string }
  | {
      readonly outcome: "answered";
      readonly status: number;
      readonly headers: Headers;
      readonly body: Buffer;
    };

export interface ExchangeRequest {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Waiting for a connection included. */
  readonly timeoutMs: number;
  readonly bodyBytesMax: number;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === "string" ? `${code}: ${error.message}` : error.message;
}

/** Never rejects. */
export function exchange(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<Exchange> {
  const { origin, path, headers, body, timeoutMs, bodyBytesMax } = request;
  if (signal.aborted) return Promise.resolve({ outcome: "notSent", why: "aborted before the call" });
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined;
    let settled = false;

    const settle = (result: Exchange): void => {
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      resolve(result);
    };
    const fail = (why: string): void => {
      if (!settled) settle({ outcome: controller ? "silent" : "notSent", why });
    };
    const giveUp = (why: string): void => {
      fail(why);
      controller?.abort(new Error(why));
    };
    const onAbort = (): void => giveUp("aborted");
    const timer = setTimeout(() => giveUp(`no answer within ${timeoutMs} ms`), timeoutMs);
    signal.addEventListener("abort", onAbort);

    let status = 0;
    let answerHeaders: Headers = {};
    let size = 0;
    const chunks: Buffer[] = [];
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        if (settled) return started.abort(new Error("given up before it was sent"));
        if (controller) {
          // undici may send a request again after some socket errors. This client never does.
          fail("the connection was lost");
          return started.abort(new Error("a request is sent once"));
        }
        controller = started;
      },
      onResponseStart(_, statusCode, received) {
        // Informational responses come first and carry no body.
        status = statusCode;
        answerHeaders = received;
      },
      onResponseData(_, chunk) {
        size += chunk.length;
        if (size > bodyBytesMax) giveUp(`the answer is larger than ${bodyBytesMax} bytes`);
        else chunks.push(chunk);
      },
      onResponseEnd() {
        if (!settled)
          settle({ outcome: "answered", status, headers: answerHeaders, body: Buffer.concat(chunks) });
      },
      onResponseError(_, error) {
        fail(reasonOf(error));
      },
    };
    try {
      dispatcher.dispatch(
        { origin, path, method: "POST", headers: { ...headers }, body, idempotent: false },
        handler,
      );
    } catch (error) {
      fail(reasonOf(error));
    }
  });
}
