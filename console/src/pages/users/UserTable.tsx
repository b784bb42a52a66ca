import { Button, Flex, Table, type TableColumnsType, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { User } from "../../api/users";
import { useSession } from "../../session";
import { StatusTag } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";
import type { Change } from "./ChangeDialog";

/** A row each; narrower screens scroll. */
export function UserTable({
  users,
  onChange,
}: {
  readonly users: readonly User[];
  readonly onChange: (change: Change) => void;
}): ReactNode {
  const { t } = useTranslation("users");
  const { dateTime, relativeTime } = useFormat();
  const me = useSession().user.name;
  const columns: TableColumnsType<User> = [
    {
      title: t("name"),
      key: "name",
      fixed: "left",
      render: (_, { name }) => (name === me ? t("you", { name }) : name),
      sorter: (a, b) => a.name.localeCompare(b.name),
    },
    { title: t("role"), key: "role", render: (_, { role }) => t(`shell:role.${role}`) },
    {
      title: t("status"),
      key: "status",
      render: (_, { status }) => (
        <StatusTag tone={status === "active" ? "good" : "bad"}>{t(`state.${status}`)}</StatusTag>
      ),
    },
    {
      title: t("comesIn"),
      key: "comesIn",
      render: (_, { hasPassword, secondFactor }) =>
        t(!hasPassword ? "by.link" : secondFactor ? "by.code" : "by.password"),
    },
    {
      title: t("lastLogin"),
      key: "lastLogin",
      sorter: (a, b) => (a.lastLoginAtMs ?? 0) - (b.lastLoginAtMs ?? 0),
      render: (_, { lastLoginAtMs }) =>
        lastLoginAtMs === undefined ? (
          t("never")
        ) : (
          <Tooltip title={dateTime(lastLoginAtMs)}>{relativeTime(lastLoginAtMs)}</Tooltip>
        ),
    },
    { title: t("actions"), key: "actions", render: (_, user) => <Actions user={user} onChange={onChange} /> },
  ];
  return (
    <Table<User>
      columns={columns}
      dataSource={[...users]}
      rowKey="name"
      size="small"
      pagination={false}
      scroll={{ x: "max-content" }}
      onRow={({ name }) => testId(`user-${name}`)}
    />
  );
}

function Actions({
  user,
  onChange,
}: {
  readonly user: User;
  readonly onChange: (change: Change) => void;
}): ReactNode {
  const { t } = useTranslation("users");
  const { name, status } = user;
  const lock = status === "active" ? "lock" : "unlock";
  return (
    <Flex gap="small">
      <Button size="small" onClick={() => onChange({ kind: "role", user })} data-testid={`role-${name}`}>
        {t("change.role")}
      </Button>
      <Button
        size="small"
        disabled={status === "locked"}
        onClick={() => onChange({ kind: "link", user })}
        data-testid={`link-${name}`}
      >
        {t("change.link")}
      </Button>
      <Button
        size="small"
        danger={lock === "lock"}
        onClick={() => onChange({ kind: lock, user })}
        data-testid={`${lock}-${name}`}
      >
        {t(`change.${lock}`)}
      </Button>
    </Flex>
  );
}

const testId = (id: string): Record<`data-${string}`, string> => ({ "data-testid": id });
