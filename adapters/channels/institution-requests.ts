/** The newest requests in order of arrival, refused ones included: how a test counts what a caller really sent. */
const keptMax = 10_000;

export interface LoggedRequest {
  /** Counts from 1 since the start; a gap at the front means older ones were dropped. */
  readonly n: number;
  readonly at: number;
  readonly operation: string;
  /** False: the signature did not hold, nothing was executed. */
  readonly genuine: boolean;
  readonly paymentId?: string;
  readonly amount?: number;
  readonly method?: string;
  /** The kind of fault that struck. */
  readonly fault?: string;
}

export class RequestLog {
  private kept: LoggedRequest[] = [];
  private count = 0;

  add(request: Omit<LoggedRequest, "n">): void {
    this.count += 1;
    this.kept.push({ n: this.count, ...request });
    // Cutting at twice the bound keeps the cost per request constant.
    if (this.kept.length >= keptMax * 2) this.kept = this.kept.slice(-keptMax);
  }

  list(): readonly LoggedRequest[] {
    return this.kept.slice(-keptMax);
  }
}
