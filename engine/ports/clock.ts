/** Time and chance, as ports: lint bans the globals in `engine/` and `atoms/`, so that a run can be replayed. */
export interface Clock {
  /** Epoch milliseconds: for people and for rows. */
  nowMs(): number;
  /** Milliseconds that never jump: for deadlines and durations. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`; the result cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

export interface Random {
  /** A fresh UUIDv7. */
  id(): string;
  /** Uniform in [0, 1). */
  fraction(): number;
}

export const sleep = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => void clock.after(delayMs, resolve));
