/** The difference between two lists of rules, side by side. */
import { MinusOutlined, PlusOutlined } from "@ant-design/icons";
import { Col, Flex, Row, theme, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { RouteRule } from "../../api/routes";
import type { RuleChange, RuleDifference } from "./difference";

export function RuleDifferenceView({ difference }: { readonly difference: RuleDifference }): ReactNode {
  const { t } = useTranslation("routes");
  const { changes, order } = difference;
  if (changes.length === 0 && order === undefined)
    return <Typography.Text type="secondary">{t("difference.none")}</Typography.Text>;
  return (
    <Flex vertical gap="small" data-testid="difference">
      {changes.map((change) => (
        <Change key={`${change.kind} ${change.name}`} change={change} />
      ))}
      {order === undefined ? null : (
        <div>{t("difference.order", { before: order.before.join(", "), after: order.after.join(", ") })}</div>
      )}
    </Flex>
  );
}

function Change({ change: { kind, name, before, after } }: { readonly change: RuleChange }): ReactNode {
  const { t } = useTranslation("routes");
  return (
    <div>
      <Typography.Text strong>{t(`difference.${kind}`, { name })}</Typography.Text>
      <Row gutter={[8, 8]}>
        {before === undefined ? null : <Side rule={before} is="before" />}
        {after === undefined ? null : <Side rule={after} is="after" />}
      </Row>
    </div>
  );
}

function Side({ rule, is }: { readonly rule: RouteRule; readonly is: "before" | "after" }): ReactNode {
  const { t } = useTranslation("routes");
  const { token } = theme.useToken();
  const isOld = is === "before";
  return (
    <Col xs={24} md={12}>
      <pre
        aria-label={t(`difference.${is}`)}
        tabIndex={0}
        style={{
          margin: 0,
          padding: token.paddingXS,
          overflowX: "auto",
          fontFamily: token.fontFamilyCode,
          fontSize: token.fontSizeSM,
          background: isOld ? token.colorErrorBg : token.colorSuccessBg,
          borderRadius: token.borderRadius,
        }}
      >
        {isOld ? <MinusOutlined aria-hidden /> : <PlusOutlined aria-hidden />} {textOf(rule)}
      </pre>
    </Col>
  );
}

/** In one order of members, whatever order they were stored in. */
const textOf = ({ name, when, channels }: RouteRule): string =>
  JSON.stringify(
    {
      name,
      when,
      channels: channels.map(({ channel, weight, where }) => ({ channel, weight, where })),
    },
    null,
    2,
  );
