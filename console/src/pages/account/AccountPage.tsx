/** The page about oneself: who one is here, the password, the second factor. */
import { Card, Descriptions, Flex, Tag } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../session";
import { PageHeader } from "../../shared/PageHeader";
import { PasswordCard } from "./PasswordCard";
import { SecondFactorCard } from "./SecondFactorCard";

/** Wide enough for a form, narrow enough to be read. */
const cardWidthPx = 420;

export function AccountPage(): ReactNode {
  const { t } = useTranslation("account");
  const style = { flex: `1 1 ${cardWidthPx}px`, maxWidth: 640 };
  return (
    <>
      <PageHeader title={t("title")} />
      <Flex wrap gap="middle" align="flex-start">
        <Card title={t("you")} style={style}>
          <Myself />
        </Card>
        <Card title={t("password.title")} style={style}>
          <PasswordCard />
        </Card>
        <Card title={t("factor.title")} style={style}>
          <SecondFactorCard />
        </Card>
      </Flex>
    </>
  );
}

function Myself(): ReactNode {
  const { t } = useTranslation("account");
  const { user } = useSession();
  return (
    <Descriptions
      column={1}
      items={[
        { key: "name", label: t("name"), children: user.name },
        { key: "role", label: t("role"), children: t(`shell:role.${user.role}`) },
        {
          key: "rights",
          label: t("rights"),
          children: (
            <Flex wrap gap={4}>
              {user.rights.map((right) => (
                <Tag key={right}>{t(`right.${right.replace(".", "_")}`)}</Tag>
              ))}
            </Flex>
          ),
        },
      ]}
    />
  );
}
