/** What is wrong with a part of a rule, in words below it. */
import { CloseCircleOutlined } from "@ant-design/icons";
import { Typography } from "antd";
import type { ReactNode } from "react";
import type { Diagnostic } from "../../api/routes";

export function Problems({
  id,
  diagnostics,
}: {
  /** For `aria-describedby`. */
  readonly id?: string;
  readonly diagnostics: readonly Diagnostic[];
}): ReactNode {
  return (
    <div {...(id === undefined ? {} : { id })} aria-live="polite">
      {diagnostics.map(({ code, message, hint }) => (
        <Typography.Text
          key={`${code} ${message}`}
          type="danger"
          title={`${code}: ${hint}`}
          data-testid="mistake"
        >
          <CloseCircleOutlined aria-hidden /> {message}
        </Typography.Text>
      ))}
    </div>
  );
}
