/** One POST, sent at most once, of whose answer only the status and the first bytes are kept. */
import type { Dispatcher } from "undici";

export interface PostRequest {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Connecting, sending and reading together. Milliseconds. */
  readonly timeoutMs: number;
  /** So much of the answer's body is kept; more of it ends the exchange. */
  readonly bytesMax: number;
}

export interface PostAnswer {
  readonly status: number;
  readonly beginning: Buffer;
}

/** Rejects when no answer begins. A body that breaks off, or takes too long, does not change what the status said. */
export function post(dispatcher: Dispatcher, request: PostRequest, signal: AbortSignal): Promise<PostAnswer> {
  const { origin, path, headers, body, timeoutMs, bytesMax } = request;
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let size = 0;
    let isOver = false;
    const chunks: Buffer[] = [];
    const settle = (end: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      end();
    };
    const fail = (error: Error): void =>
      settle(() => (status === 0 ? reject(error) : resolve({ status, beginning: Buffer.concat(chunks) })));
    const giveUp = (error: Error): void => {
      fail(error);
      controller?.abort(error);
    };
    const onAbort = (): void => giveUp(asError(signal.reason));
    const timer = setTimeout(() => giveUp(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) return onAbort();
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        if (isOver || controller) started.abort(new Error("a request is sent once"));
        else controller = started;
      },
      onResponseStart(_, statusCode) {
        // Informational ones come first.
        if (statusCode >= 200) status = statusCode;
      },
      onResponseData(_, chunk) {
        chunks.push(chunk);
        size += chunk.length;
        if (size >= bytesMax) giveUp(new Error("the answer is long"));
      },
      onResponseEnd() {
        settle(() => resolve({ status, beginning: Buffer.concat(chunks) }));
      },
      onResponseError(_, error) {
        fail(error);
      },
    };
    try {
      dispatcher.dispatch({ origin, path, method: "POST", headers, body, idempotent: false }, handler);
    } catch (error) {
      fail(asError(error));
    }
  });
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
