/** Theme, language and width of the navigation: chosen, remembered, and applied to everything below. */
import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/es/locale/en_US";
import zhCN from "antd/es/locale/zh_CN";
// Names of months and days in date pickers.
import "dayjs/locale/zh-cn";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { useTranslation } from "react-i18next";
import { localeOf } from "../i18n";
import { type Preferences, readPreferences, writePreferences } from "./preferences";
import { themeOf } from "./theme";

export interface PreferencesContext extends Preferences {
  /** What `system` means right now. */
  readonly dark: boolean;
  readonly change: (change: Partial<Preferences>) => void;
}

const Context = createContext<PreferencesContext | undefined>(undefined);

/** What the system says, kept up to date. */
function useSystem(query: MediaQueryList): boolean {
  const watch = useCallback(
    (listener: () => void) => {
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(watch, () => query.matches);
}

const darkQuery = window.matchMedia("(prefers-color-scheme: dark)");
const stillQuery = window.matchMedia("(prefers-reduced-motion: reduce)");

export function PreferencesProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [preferences, setPreferences] = useState(readPreferences);
  const { i18n } = useTranslation();
  const systemDark = useSystem(darkQuery);
  const still = useSystem(stillQuery);
  const dark = preferences.theme === "system" ? systemDark : preferences.theme === "dark";
  const locale = localeOf(i18n.language);

  useEffect(() => {
    document.documentElement.lang = locale;
    document.documentElement.dataset["theme"] = dark ? "dark" : "light";
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }, [locale, dark]);

  const context = useMemo<PreferencesContext>(
    () => ({
      ...preferences,
      dark,
      change: (change) => {
        setPreferences(writePreferences(change));
        if (change.language) void i18n.changeLanguage(change.language);
      },
    }),
    [preferences, dark, i18n],
  );
  const theme = useMemo(() => themeOf(dark, still), [dark, still]);
  return (
    <Context value={context}>
      <ConfigProvider theme={theme} locale={locale === "zh-CN" ? zhCN : enUS} componentSize="middle">
        <AntApp className="v-app">{children}</AntApp>
      </ConfigProvider>
    </Context>
  );
}

export function usePreferences(): PreferencesContext {
  const context = useContext(Context);
  if (!context) throw new Error("usePreferences needs a PreferencesProvider above it");
  return context;
}
