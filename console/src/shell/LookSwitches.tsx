/** Language and theme: in the header, and on the pages before it. */
import { BulbOutlined, CheckOutlined, TranslationOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { languages, type Language } from "../i18n";
import type { ThemeChoice } from "./preferences";
import { usePreferences } from "./PreferencesProvider";

/** In their own language: who cannot read the present one finds theirs. */
const languageNames: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };
const themes: readonly ThemeChoice[] = ["system", "light", "dark"];

export function LookSwitches(): ReactNode {
  return (
    <>
      <LanguageSwitch />
      <ThemeSwitch />
    </>
  );
}

function LanguageSwitch(): ReactNode {
  const { t, i18n } = useTranslation("shell");
  const { change } = usePreferences();
  return (
    <Choice
      label={t("language")}
      testId="language"
      icon={<TranslationOutlined />}
      current={i18n.language}
      choices={languages.map((language) => [language, languageNames[language]])}
      onChoose={(language) => change({ language })}
    />
  );
}

function ThemeSwitch(): ReactNode {
  const { t } = useTranslation("shell");
  const { theme, change } = usePreferences();
  return (
    <Choice
      label={t("theme.label")}
      testId="theme"
      icon={<BulbOutlined />}
      current={theme}
      choices={themes.map((each) => [each, t(`theme.${each}`)])}
      onChoose={(chosen) => change({ theme: chosen })}
    />
  );
}

function Choice<Value extends string>(props: {
  readonly label: string;
  readonly testId: string;
  readonly icon: ReactNode;
  readonly current: string;
  readonly choices: readonly (readonly [value: Value, text: string])[];
  readonly onChoose: (value: Value) => void;
}): ReactNode {
  const { label, testId, icon, current, choices, onChoose } = props;
  const items = choices.map(([value, text]) => ({
    key: value,
    label: <span data-testid={`${testId}-${value}`}>{text}</span>,
    icon: value === current ? <CheckOutlined /> : <span className="v-no-icon" />,
    onClick: () => onChoose(value),
  }));
  return (
    <Dropdown menu={{ items, selectedKeys: [current] }} trigger={["click"]}>
      <Button type="text" icon={icon} aria-label={label} aria-haspopup="menu" data-testid={testId} />
    </Dropdown>
  );
}
