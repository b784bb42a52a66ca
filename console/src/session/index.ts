/** Who is at the console, and what they may do. */
export { Can } from "./Can";
export { useRight, useSession, useSessionActions, useSessionState } from "./SessionProvider";
