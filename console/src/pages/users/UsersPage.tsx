/** Who may use the console: made, given another role, locked, given a one-time link. */
import { UserAddOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { fetchUsers } from "../../api/users";
import { PageHeader } from "../../shared/PageHeader";
import { QueryState } from "../../shared/QueryState";
import { type Change, ChangeDialog } from "./ChangeDialog";
import { LinkDialog, type ShownLink } from "./LinkDialog";
import { UserTable } from "./UserTable";

const usersKey = ["users"] as const;

export function UsersPage(): ReactNode {
  const { t } = useTranslation("users");
  const queries = useQueryClient();
  const users = useQuery({ queryKey: usersKey, queryFn: ({ signal }) => fetchUsers(signal) });
  const [change, setChange] = useState<Change | undefined>(undefined);
  const [link, setLink] = useState<ShownLink | undefined>(undefined);
  const close = useCallback(() => setChange(undefined), []);
  const done = useCallback(
    async (made?: ShownLink) => {
      setLink(made);
      await queries.invalidateQueries({ queryKey: usersKey });
    },
    [queries],
  );
  return (
    <>
      <PageHeader
        title={t("title")}
        subtitle={t("subtitle")}
        actions={
          <Button
            type="primary"
            icon={<UserAddOutlined aria-hidden />}
            onClick={() => setChange({ kind: "create" })}
            data-testid="user-new"
          >
            {t("new")}
          </Button>
        }
      />
      <QueryState query={users}>{(rows) => <UserTable users={rows} onChange={setChange} />}</QueryState>
      {change === undefined ? null : <ChangeDialog change={change} onDone={done} onClose={close} />}
      <LinkDialog shown={link} onClose={() => setLink(undefined)} />
    </>
  );
}
