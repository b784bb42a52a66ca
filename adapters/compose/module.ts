/** What a started module is to whoever started it. */
export interface Module {
  readonly name: string;
  /** Where it listens, if it does. */
  readonly url?: string;
  /** A one-time way in for the very first administrator. Secret: it is shown to whoever started the process. */
  readonly firstLink?: string;
  /** Takes no new work, finishes or hands back what it has, within `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}
