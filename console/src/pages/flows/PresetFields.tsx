/** Fields a transaction type presets: chosen from the data dictionary, typed as their schemas say. */
import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Flex, Form, Input, Select } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { FieldView } from "../../api/flows";

export interface Preset {
  readonly field: string;
  /** As typed: text, or JSON where the field is none. */
  readonly value: string;
}

/** Numbers, booleans and objects as such; everything else is text. */
export const presetsOf = (presets: readonly Preset[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(presets.map(({ field, value }) => [field, valueOf(value)]));

function valueOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? text : value;
  } catch {
    return text;
  }
}

export function PresetFields({ fields }: { readonly fields: readonly FieldView[] }): ReactNode {
  const { t } = useTranslation("flows");
  const options = fields
    .filter(({ system }) => !system)
    .map(({ name, title }) => ({ value: name, label: `${name} · ${title}` }));
  return (
    <Form.Item label={t("newType.set")} extra={t("newType.setHelp")}>
      <Form.List name="set">
        {(rows, { add, remove }) => (
          <Flex vertical gap="small">
            {rows.map(({ key, name }) => (
              <Flex key={key} gap="small" align="start">
                <Form.Item
                  name={[name, "field"]}
                  noStyle
                  rules={[{ required: true, message: t("newType.field") }]}
                >
                  <Select
                    showSearch
                    options={options}
                    placeholder={t("newType.field")}
                    aria-label={t("newType.field")}
                    style={{ flex: 1, minWidth: 0 }}
                    data-testid={`preset-field-${name}`}
                  />
                </Form.Item>
                <Form.Item
                  name={[name, "value"]}
                  noStyle
                  rules={[{ required: true, message: t("newType.value") }]}
                >
                  <Input
                    placeholder={t("newType.value")}
                    aria-label={t("newType.value")}
                    style={{ flex: 1, minWidth: 0 }}
                    data-testid={`preset-value-${name}`}
                  />
                </Form.Item>
                <Button
                  type="text"
                  icon={<MinusCircleOutlined />}
                  aria-label={t("newType.removeField")}
                  onClick={() => remove(name)}
                />
              </Flex>
            ))}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add()} data-testid="add-preset">
              {t("newType.addField")}
            </Button>
          </Flex>
        )}
      </Form.List>
    </Form.Item>
  );
}
