/** One thing `valence doctor` has looked at. */
export interface Check {
  readonly name: string;
  /** `warn`: it works and somebody should look. `fail`: it does not work, or money is at risk. */
  readonly state: "ok" | "warn" | "fail";
  /** What was found. */
  readonly detail: string;
  /** What to do about it; absent when it is `ok`. */
  readonly next?: string;
}
