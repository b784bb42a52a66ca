import { Button, Input, Space } from "antd";
import { type ClipboardEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OrderFilters } from "../../api/orders";
import type { ChangeFilters } from "./useFilters";

/** Longer than any number there is. */
const numberMax = 128;

/** One field for every number there is; what is pasted is looked up at once. */
export function NumberSearch({
  filters,
  onChange,
}: {
  readonly filters: OrderFilters;
  readonly onChange: ChangeFilters;
}): ReactNode {
  const { t } = useTranslation("orders");
  const [text, setText] = useState(filters.number ?? "");
  const search = (number: string): void => {
    const { number: _before, ...others } = filters;
    // A number is asked for among all orders, whatever the list was narrowed to.
    onChange(number.trim() === "" ? others : { number: number.trim() });
  };
  const paste = (event: ClipboardEvent<HTMLInputElement>): void => {
    const pasted = event.clipboardData.getData("text").trim();
    if (pasted === "" || pasted.length > numberMax || /\s/.test(pasted)) return;
    event.preventDefault();
    setText(pasted);
    search(pasted);
  };
  return (
    <Space.Compact block>
      <Input
        value={text}
        onChange={({ target }) => setText(target.value)}
        onPressEnter={() => search(text)}
        onPaste={paste}
        allowClear
        onClear={() => search("")}
        maxLength={numberMax}
        placeholder={t("number.placeholder")}
        aria-label={t("number.label")}
        spellCheck={false}
        autoCapitalize="none"
        data-testid="number"
      />
      <Button type="primary" onClick={() => search(text)}>
        {t("search")}
      </Button>
    </Space.Compact>
  );
}
