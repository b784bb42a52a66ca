/** Every change of a user with its reason; what is asked beside the reason depends on the change. */
import { Flex, Input, Select, Typography } from "antd";
import { type ReactNode, useCallback, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { changeUser, createUser, makeLink, type Role, roles, type User } from "../../api/users";
import { type ChangedBy, ReasonDialog } from "../../shared/ReasonDialog";
import type { ShownLink } from "./LinkDialog";

export type Change =
  { readonly kind: "create" } | { readonly kind: "role" | "lock" | "unlock" | "link"; readonly user: User };

/** The API's rule. */
const nameShape = /^[a-z][a-z0-9._-]{1,39}$/;

export function ChangeDialog({
  change,
  onDone,
  onClose,
}: {
  readonly change: Change;
  /** With the one-time link when the change made one. */
  readonly onDone: (link?: ShownLink) => Promise<void>;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("users");
  const known = change.kind === "create" ? undefined : change.user;
  const [name, setName] = useState(known?.name ?? "");
  const [role, setRole] = useState<Role>(known?.role ?? "business");
  const confirm = useCallback(
    async (by: ChangedBy) => onDone(await carryOut(change.kind, { name, role }, by)),
    [change.kind, name, role, onDone],
  );
  const asksRole = change.kind === "create" || change.kind === "role";
  const ready =
    change.kind === "create" ? nameShape.test(name) : change.kind !== "role" || role !== known?.role;
  return (
    <ReasonDialog
      open
      title={t(`dialog.${change.kind}.title`, { name })}
      description={t(`dialog.${change.kind}.text`, { name })}
      confirmLabel={t(`dialog.${change.kind}.confirm`)}
      danger={change.kind === "lock"}
      ready={ready}
      onConfirm={confirm}
      onClose={onClose}
    >
      {change.kind === "create" ? <NameField value={name} onChange={setName} /> : null}
      {asksRole ? <RoleField value={role} onChange={setRole} /> : null}
    </ReasonDialog>
  );
}

async function carryOut(
  kind: Change["kind"],
  { name, role }: Pick<User, "name" | "role">,
  by: ChangedBy,
): Promise<ShownLink | undefined> {
  switch (kind) {
    case "create":
      return { name, ...(await createUser({ name, role }, by)) };
    case "link":
      return { name, ...(await makeLink(name, by)) };
    case "role":
      await changeUser(name, { role }, by);
      return undefined;
    case "lock":
      await changeUser(name, { status: "locked" }, by);
      return undefined;
    case "unlock":
      await changeUser(name, { status: "active" }, by);
      return undefined;
  }
}

interface FieldProps<Value> {
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

function NameField({ value, onChange }: FieldProps<string>): ReactNode {
  const { t } = useTranslation("users");
  const id = useId();
  const wrong = value !== "" && !nameShape.test(value);
  return (
    <Flex vertical gap={4}>
      <label htmlFor={id}>{t("name")}</label>
      <Input
        id={id}
        value={value}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        status={wrong ? "error" : ""}
        aria-invalid={wrong}
        aria-describedby={`${id}-help`}
        onChange={({ target }) => onChange(target.value)}
        data-testid="user-name"
      />
      <Typography.Text id={`${id}-help`} type={wrong ? "danger" : "secondary"}>
        {t("nameHelp")}
      </Typography.Text>
    </Flex>
  );
}

function RoleField({ value, onChange }: FieldProps<Role>): ReactNode {
  const { t } = useTranslation("users");
  const id = useId();
  return (
    <Flex vertical gap={4}>
      <label htmlFor={id}>{t("role")}</label>
      <Select<Role>
        id={id}
        value={value}
        onChange={onChange}
        options={roles.map((role) => ({ value: role, label: t(`shell:role.${role}`) }))}
        data-testid="user-role"
      />
      <Typography.Text type="secondary">{t(`roleHelp.${value}`)}</Typography.Text>
    </Flex>
  );
}
