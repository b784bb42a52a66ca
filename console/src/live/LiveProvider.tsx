/** One stream for the whole console, open while somebody who may watch is signed in. */
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { useRight, useSessionActions } from "../session";
import { type EventName, type LiveState, type LiveStatus, LiveStream } from "./stream";

const url = "/admin/v1/metrics/stream";

const Context = createContext<LiveStream | undefined>(undefined);

export function LiveProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const mayWatch = useRight("watch");
  const { refresh } = useSessionActions();
  const [stream] = useState(() => new LiveStream(url, () => void refresh()));
  useEffect(() => {
    if (!mayWatch) return undefined;
    stream.start();
    return () => stream.stop();
  }, [stream, mayWatch]);
  return <Context value={stream}>{children}</Context>;
}

function useStream(): LiveStream {
  const stream = useContext(Context);
  if (!stream) throw new Error("live data needs a LiveProvider above it");
  return stream;
}

export function useLiveStatus(): LiveStatus {
  const stream = useStream();
  return useSyncExternalStore(stream.watch, stream.status);
}

export interface Live<Data> {
  readonly state: LiveState;
  /** The newest event; kept when the stream breaks. Undefined before the first. */
  readonly data: Data | undefined;
  readonly asOfMs: number | undefined;
}

/** The newest event of this name. `Data` is what the API promises for it. */
export function useLive<Data>(name: EventName): Live<Data> {
  const stream = useStream();
  const { state, asOfMs } = useLiveStatus();
  const data = useSyncExternalStore(stream.watch, () => stream.latest(name));
  return { state, asOfMs, data: data as Data | undefined };
}

/** Calls `listener` with every event of this name; keep it in `useCallback`. */
export function useLiveEvent<Data>(name: EventName, listener: (data: Data) => void): void {
  const stream = useStream();
  useEffect(() => stream.listen(name, (data) => listener(data as Data)), [stream, name, listener]);
}
