/** How runs go, counted: for drawings of flows. */

/** Runs of one flow that began last, and the ways they took. */
export interface RunCounts {
  readonly runs: number;
  /** When the first and the last of them began, epoch milliseconds; 0 when there are none. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How often a stage was left by an outcome. */
  readonly ways: readonly { readonly stage: string; readonly outcome: string; readonly count: number }[];
  /** Those that are not over, by where they stand. */
  readonly standing: readonly {
    readonly stage: string;
    readonly state: "open" | "waiting" | "parked";
    readonly count: number;
  }[];
}

export interface RunCounter {
  /** Of the newest runs of a flow: a sample of bounded size, whatever the traffic. */
  counts(flow: string): Promise<RunCounts>;
  /** Runs begun per minute, by flow; a flow without any is absent. */
  perMinute(): Promise<Readonly<Record<string, number>>>;
}
