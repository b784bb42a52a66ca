import { useCallback, useRef, useState } from "react";

/**
 * Does `work` once at a time: a second click while the first is under way is dropped, even one that comes before React
 * has disabled the button.
 */
export function useOnce<Args extends readonly unknown[]>(
  work: (...args: Args) => Promise<unknown>,
): readonly [run: (...args: Args) => Promise<void>, busy: boolean, error: unknown, clear: () => void] {
  const underWay = useRef(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const run = useCallback(
    async (...args: Args): Promise<void> => {
      if (underWay.current) return;
      underWay.current = true;
      setBusy(true);
      setError(undefined);
      try {
        await work(...args);
      } catch (failure) {
        setError(failure);
      } finally {
        underWay.current = false;
        setBusy(false);
      }
    },
    [work],
  );
  const clear = useCallback(() => setError(undefined), []);
  return [run, busy, error, clear];
}
