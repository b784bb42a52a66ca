/** One thing that two plans of a flow do not have in common. */
export type ChangeWord = "added" | "removed" | "changed";

/** `commits`: of the cheapest way to an end, which is its name. */
export type ChangeKind =
  | "title"
  | "start"
  | "input"
  | "optional"
  | "subscribe"
  | "stage"
  | "transaction"
  | "queue"
  | "wait"
  | "bound"
  | "outcome"
  | "step"
  | "barrier"
  | "commits";

export interface Change {
  readonly what: ChangeKind;
  readonly change: ChangeWord;
  readonly stage?: string;
  /** Of the outcome, atom, field, end ... */
  readonly name: string;
  /** As text; absent for what is only there or not. */
  readonly before?: string;
  readonly after?: string;
}
