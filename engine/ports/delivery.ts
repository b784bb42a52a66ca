/** The port that carries a notification to a merchant. */

export interface WebhookRequest {
  /** Stable over repeats: the merchant drops duplicates by it. */
  readonly webhookId: string;
  readonly url: string;
  readonly secret: string;
  /** Epoch seconds of this attempt. */
  readonly timestampS: number;
  readonly body: string;
}

export interface WebhookAnswer {
  /** HTTP status, or 0 when nothing came back. */
  readonly status: number;
  /** First bytes of the answer, or why there is none. */
  readonly detail: string;
}

export interface WebhookSender {
  /** Never rejects: a merchant that cannot be reached is an answer with status 0. */
  send(request: WebhookRequest, signal: AbortSignal): Promise<WebhookAnswer>;
}
