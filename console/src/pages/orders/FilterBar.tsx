/** What narrows the list. Texts count when they are entered, choices at once. */
import { Button, DatePicker, Flex, Input, InputNumber, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type OrderFilters, orderStatuses } from "../../api/orders";
import type { ChangeFilters } from "./useFilters";

interface BarProps {
  readonly filters: OrderFilters;
  readonly onChange: ChangeFilters;
}

const texts = ["merchantId", "channel", "type"] as const;
const amounts = ["amountMin", "amountMax"] as const;

export function FilterBar({ filters, onChange }: BarProps): ReactNode {
  const { t } = useTranslation("orders");
  const change: ChangeFilters = (changed) => onChange({ ...filters, ...changed });
  return (
    <Flex wrap gap="small" role="search" aria-label={t("filter.label")}>
      <Select
        mode="multiple"
        allowClear
        maxTagCount="responsive"
        style={{ minWidth: 190, flex: "1 1 190px" }}
        placeholder={t("filter.status")}
        aria-label={t("filter.status")}
        data-testid="filter-status"
        value={filters.status?.split(",") ?? []}
        options={orderStatuses.map((value) => ({ value, label: t(`status.${value}`) }))}
        onChange={(values: readonly string[]) => change({ status: values.join(",") })}
      />
      <Select
        allowClear
        style={{ flex: "1 1 150px", minWidth: 150 }}
        placeholder={t("filter.attention")}
        aria-label={t("filter.attention")}
        data-testid="filter-attention"
        value={filters.attention ?? null}
        options={["parked", "stuck"].map((value) => ({ value, label: t(`attention.${value}`) }))}
        onChange={(value: string | null | undefined) => change({ attention: value ?? "" })}
      />
      {texts.map((name) => (
        <TextFilter
          key={`${name} ${filters[name] ?? ""}`}
          label={t(`filter.${name}`)}
          testId={`filter-${name}`}
          value={filters[name] ?? ""}
          onEnter={(value) => change({ [name]: value })}
        />
      ))}
      {amounts.map((name) => (
        <AmountFilter
          key={`${name} ${filters[name] ?? ""}`}
          label={t(`filter.${name}`)}
          testId={`filter-${name}`}
          value={filters[name] ?? ""}
          onEnter={(value) => change({ [name]: value })}
        />
      ))}
      <TimeFilter filters={filters} onChange={change} />
      <Button
        type="text"
        disabled={Object.keys(filters).length === 0}
        onClick={() => onChange({})}
        data-testid="clear"
      >
        {t("filter.clear")}
      </Button>
    </Flex>
  );
}

interface FieldProps {
  readonly label: string;
  readonly testId: string;
  readonly value: string;
  readonly onEnter: (value: string) => void;
}

function TextFilter({ label, testId, value, onEnter }: FieldProps): ReactNode {
  const [text, setText] = useState(value);
  const enter = (): void => {
    if (text.trim() !== value) onEnter(text.trim());
  };
  return (
    <Input
      style={{ flex: "1 1 110px", minWidth: 110 }}
      value={text}
      placeholder={label}
      aria-label={label}
      data-testid={testId}
      spellCheck={false}
      autoCapitalize="none"
      onChange={({ target }) => setText(target.value)}
      onPressEnter={enter}
      onBlur={enter}
    />
  );
}

/** Minor units: what is found may be of any currency. */
function AmountFilter({ label, testId, value, onEnter }: FieldProps): ReactNode {
  const [text, setText] = useState(value);
  const enter = (): void => {
    if (text !== value) onEnter(text);
  };
  return (
    <InputNumber<string>
      style={{ flex: "1 1 130px", minWidth: 130 }}
      value={text === "" ? null : text}
      min="0"
      precision={0}
      stringMode
      controls={false}
      placeholder={label}
      aria-label={label}
      data-testid={testId}
      onChange={(changed) => setText(changed ?? "")}
      onPressEnter={enter}
      onBlur={enter}
    />
  );
}

function TimeFilter({ filters: { from, to }, onChange }: BarProps): ReactNode {
  const { t } = useTranslation("orders");
  const moment = (text: string | undefined): Dayjs | null => (text === undefined ? null : dayjs(text));
  const iso = (at: Dayjs | null | undefined): string => at?.toISOString() ?? "";
  return (
    <DatePicker.RangePicker
      style={{ flex: "1 1 300px", minWidth: 0, maxWidth: 420 }}
      showTime={{ format: "HH:mm" }}
      format="YYYY-MM-DD HH:mm"
      allowEmpty={[true, true]}
      value={[moment(from), moment(to)]}
      placeholder={[t("filter.from"), t("filter.to")]}
      aria-label={t("filter.accepted")}
      onChange={(range) => onChange({ from: iso(range?.[0]), to: iso(range?.[1]) })}
    />
  );
}
