import { Button, DatePicker, Flex, Input, Select } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AuditFilter } from "../../api/audit";

/** Beginnings of actions, as people look for them. */
const kinds = [
  "session.",
  "user.",
  "channel.",
  "routes.",
  "definitions.",
  "order.",
  "run.",
  "refund.",
  "dead-letters.",
] as const;

/** A filter counts when it is asked for, not while it is typed. */
export function AuditFilterBar({
  onFilter,
}: {
  readonly onFilter: (filter: AuditFilter) => void;
}): ReactNode {
  const { t } = useTranslation("audit");
  const [who, setWho] = useState("");
  const [action, setAction] = useState<string | undefined>(undefined);
  const [times, setTimes] = useState<Pick<AuditFilter, "from" | "to">>({});
  const apply = (): void =>
    onFilter({
      ...(who === "" ? {} : { who: who.trim() }),
      ...(action === undefined ? {} : { action }),
      ...times,
    });
  return (
    <Flex wrap gap="small" role="search" aria-label={t("filter")}>
      <Input
        allowClear
        placeholder={t("who")}
        aria-label={t("who")}
        value={who}
        onChange={({ target }) => setWho(target.value)}
        onPressEnter={apply}
        style={{ width: 160 }}
        data-testid="audit-who"
      />
      <Select<string>
        allowClear
        placeholder={t("action")}
        aria-label={t("action")}
        value={action ?? null}
        onChange={(value?: string) => setAction(value)}
        options={kinds.map((kind) => ({ value: kind, label: t(`kind.${kind.slice(0, -1)}`) }))}
        style={{ width: 180 }}
        data-testid="audit-action"
      />
      <DatePicker.RangePicker
        showTime
        allowEmpty={[true, true]}
        aria-label={t("times")}
        placeholder={[t("from"), t("to")]}
        onChange={(range) => {
          const [from, to] = [range?.[0]?.toISOString(), range?.[1]?.toISOString()];
          setTimes({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
        }}
        style={{ width: 340, maxWidth: "100%" }}
      />
      <Button type="primary" onClick={apply} data-testid="audit-apply">
        {t("apply")}
      </Button>
    </Flex>
  );
}
