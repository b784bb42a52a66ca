/**
 * Who is signed in, for the whole console. `loading` until the API has answered once; `absent` sends everybody to the
 * login page; `failed` is neither: the API could not be asked.
 */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo } from "react";
import { whenSignedOut } from "../api/client";
import { hasCode } from "../api/error";
import { fetchSession, type Right, type Session, signOut as endSession } from "../api/session";

export type SessionState =
  | { readonly state: "loading" }
  | { readonly state: "absent" }
  | { readonly state: "failed"; readonly error: Error }
  | { readonly state: "present"; readonly session: Session };

export interface SessionActions {
  /** The API has just opened this session. */
  readonly enter: (session: Session) => void;
  /** Asks the API again: is it still there? */
  readonly refresh: () => Promise<void>;
  readonly signOut: () => Promise<void>;
}

const sessionKey = ["session"] as const;
/** A role that was changed elsewhere is noticed after so long at most; the API refuses at once. */
const lookAgainMs = 60_000;

const StateContext = createContext<SessionState>({ state: "loading" });
const ActionsContext = createContext<SessionActions | undefined>(undefined);

const fetchOrNone = async (signal: AbortSignal): Promise<Session | null> => {
  try {
    return await fetchSession(signal);
  } catch (error) {
    if (hasCode(error, "admin_unauthorized")) return null;
    throw error;
  }
};

export function SessionProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const queries = useQueryClient();
  const { data, error } = useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => fetchOrNone(signal),
    refetchInterval: ({ state }) => (state.data ? lookAgainMs : false),
    staleTime: lookAgainMs,
  });

  /** What the last person saw is not shown to the next one. */
  const forget = useCallback(() => {
    queries.setQueryData(sessionKey, null);
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
  }, [queries]);

  useEffect(() => {
    whenSignedOut(forget);
  }, [forget]);

  const actions = useMemo<SessionActions>(
    () => ({
      enter: (session) => queries.setQueryData(sessionKey, session),
      refresh: () => queries.invalidateQueries({ queryKey: sessionKey }),
      signOut: async () => {
        await endSession();
        forget();
      },
    }),
    [queries, forget],
  );
  const state = useMemo(() => stateOf(data, error), [data, error]);
  return (
    <ActionsContext value={actions}>
      <StateContext value={state}>{children}</StateContext>
    </ActionsContext>
  );
}

function stateOf(session: Session | null | undefined, error: Error | null): SessionState {
  // A look that failed says nothing about a session that was there before it.
  if (session) return { state: "present", session };
  if (session === null) return { state: "absent" };
  return error ? { state: "failed", error } : { state: "loading" };
}

export const useSessionState = (): SessionState => useContext(StateContext);

export function useSessionActions(): SessionActions {
  const actions = useContext(ActionsContext);
  if (!actions) throw new Error("useSessionActions needs a SessionProvider above it");
  return actions;
}

/** The session of the person at the console. Only below the layout, where there is one. */
export function useSession(): Session {
  const state = useSessionState();
  if (state.state !== "present") throw new Error("useSession needs somebody who is signed in");
  return state.session;
}

export const useRight = (right: Right): boolean => {
  const state = useSessionState();
  return state.state === "present" && state.session.user.rights.includes(right);
};
