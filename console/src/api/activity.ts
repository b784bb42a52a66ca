/**
 * Whether a person is at the console. A session that nobody uses ends, however busily a page that was left open polls:
 * what is asked while nobody is there is marked, and does not keep the session alive.
 */

/** After the last key or pointer, so long is the person taken to be there. */
const presentMs = 30_000;

const listened = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

let lastInputAtMs = Date.now();

/** Begins to listen; call it once, when the console starts. */
export function watchActivity(target: EventTarget = window): void {
  const note = (): void => {
    lastInputAtMs = Date.now();
  };
  for (const name of listened) target.addEventListener(name, note, { passive: true, capture: true });
}

export const isPresent = (): boolean => Date.now() - lastInputAtMs < presentMs;
