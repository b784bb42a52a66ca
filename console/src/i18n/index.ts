/**
 * Texts: `locales/<language>/<area>.json`, one namespace for each area of the console. Both languages are in the
 * bundle, so that switching is instant and works while the network does not.
 */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { readPreferences } from "../shell/preferences";

export const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];

const files = import.meta.glob<Record<string, unknown>>("../locales/*/*.json", {
  eager: true,
  import: "default",
});

/** { en: { shell: {…}, orders: {…} }, zh: {…} } */
function resources(): Record<string, Record<string, Record<string, unknown>>> {
  const found: Record<string, Record<string, Record<string, unknown>>> = {};
  for (const [file, texts] of Object.entries(files)) {
    const [language = "", area = ""] = file.replace("../locales/", "").replace(".json", "").split("/");
    found[language] = { ...found[language], [area]: texts };
  }
  return found;
}

/** What the browser prefers, unless the person has chosen. */
const preferred = (): Language => (navigator.language.startsWith("zh") ? "zh" : "en");

export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: resources(),
    lng: readPreferences().language ?? preferred(),
    fallbackLng: "en",
    defaultNS: "shell",
    // React escapes.
    interpolation: { escapeValue: false },
  });
}

/** The language in use, as the tag that Intl and the document want. */
export const localeOf = (language: string): string => (language.startsWith("zh") ? "zh-CN" : "en-GB");
