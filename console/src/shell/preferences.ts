/** What a person chose about the look of the console, remembered in this browser. */

export type ThemeChoice = "system" | "light" | "dark";

export interface Preferences {
  readonly theme: ThemeChoice;
  readonly language?: "en" | "zh";
  /** The navigation shows icons alone. */
  readonly narrow: boolean;
}

const key = "valence.console";
const standard: Preferences = { theme: "system", narrow: false };

/** The standard when nothing is stored, or what is stored cannot be read. */
export function readPreferences(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Preferences>;
    return { ...standard, ...stored };
  } catch {
    return standard;
  }
}

/** A browser that stores nothing (private mode) forgets them with the page: no reason to fail. */
export function writePreferences(change: Partial<Preferences>): Preferences {
  const next = { ...readPreferences(), ...change };
  try {
    localStorage.setItem(key, JSON.stringify(next));
  } catch {
    return next;
  }
  return next;
}
