/** Modules that hang or are gone, above everything else: each with what is seen of it. */
import { Alert } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ModuleInstance } from "../../api/throughput";

export function SickModules({ modules }: { readonly modules: readonly ModuleInstance[] }): ReactNode {
  const { t } = useTranslation("throughput");
  const sick = modules.filter(({ state }) => state === "stuck" || state === "lost");
  if (sick.length === 0) return null;
  // One that died while another process does its work can wait; one that hangs, or that nobody replaces, cannot.
  const isUrgent = sick.some((each) => each.state === "stuck" || !isReplaced(each, modules));
  return (
    <Alert
      type={isUrgent ? "error" : "warning"}
      role="alert"
      showIcon
      data-testid="sick-modules"
      title={t("sick.title", { count: sick.length })}
      description={
        <ul style={{ margin: 0, paddingInlineStart: 18 }}>
          {sick.map((each) => (
            <li
              key={`${each.instance} ${each.module}`}
              data-testid={`sick-${each.module}`}
              data-state={each.state}
            >
              {t(`sick.${each.state}`, { ...each, why: each.why })}
              {each.state === "lost" && isReplaced(each, modules) ? ` ${t("sick.replaced")}` : null}
            </li>
          ))}
        </ul>
      }
    />
  );
}

const isReplaced = ({ module }: ModuleInstance, modules: readonly ModuleInstance[]): boolean =>
  modules.some((other) => other.module === module && (other.state === "live" || other.state === "idle"));
