import { Typography } from "antd";
import { type ReactNode, useState } from "react";
import { JsonView } from "../../shared/JsonView";

/** Something to look into when one wants to: closed until then, and opened by keyboard as by hand. */
export function Details({ label, value }: { readonly label: string; readonly value: unknown }): ReactNode {
  const [open, setOpen] = useState(false);
  if (value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0))
    return null;
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Typography.Text type="secondary">{label}</Typography.Text>
      </summary>
      {open ? <JsonView value={value} label={label} /> : null}
    </details>
  );
}
