/** A transaction type by a form: one line, added to the draft; the editor then shows what it changes. */
import { useQuery } from "@tanstack/react-query";
import { Flex, Form, Input, Modal, Select } from "antd";
import { type ReactNode, useCallback, useId } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { draftType, fetchDefinitions, fetchFlows, fetchVocabulary } from "../../api/flows";
import { ProblemState } from "../../shared/ProblemState";
import { useOnce } from "../../shared/useOnce";
import { draftOf, useDraft } from "./draft";
import { flowKeys } from "./keys";
import { type Preset, PresetFields, presetsOf } from "./PresetFields";

/** As the definitions' own schema has it. */
const namePattern = /^[a-z][A-Za-z0-9]*(?:[.-][A-Za-z0-9]+)*$/;

interface Values {
  readonly type: string;
  readonly title: string;
  readonly flow: string;
  readonly set?: readonly Preset[];
}

export function NewTypeDialog({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("flows");
  const formId = useId();
  const [form] = Form.useForm<Values>();
  const [submit, busy, error, clear] = useOnce(useAddType(onClose));
  return (
    <Modal
      open={open}
      title={t("newType.title")}
      okText={t("newType.confirm")}
      okButtonProps={{ htmlType: "submit", form: formId, ...{ "data-testid": "new-type-confirm" } }}
      confirmLoading={busy}
      onCancel={onClose}
      afterClose={() => {
        form.resetFields();
        clear();
      }}
      destroyOnHidden
    >
      <Flex vertical gap="small">
        <div>{t("newType.help")}</div>
        <Form<Values>
          form={form}
          id={formId}
          layout="vertical"
          initialValues={{ flow: "pay" }}
          onFinish={(values) => void submit(values)}
        >
          <TypeFields />
        </Form>
        <ProblemState error={error} />
      </Flex>
    </Modal>
  );
}

function TypeFields(): ReactNode {
  const { t } = useTranslation("flows");
  const { data: flows = [] } = useQuery({
    queryKey: flowKeys.list,
    queryFn: ({ signal }) => fetchFlows(signal),
  });
  const { data: vocabulary } = useQuery({
    queryKey: flowKeys.vocabulary,
    queryFn: ({ signal }) => fetchVocabulary(signal),
    staleTime: Infinity,
  });
  return (
    <>
      <Form.Item
        name="type"
        label={t("newType.type")}
        extra={t("newType.typeHelp")}
        rules={[{ required: true, pattern: namePattern, message: t("newType.typeWrong") }]}
      >
        <Input autoFocus maxLength={64} spellCheck={false} data-testid="type-name" />
      </Form.Item>
      <Form.Item
        name="title"
        label={t("newType.name")}
        rules={[{ required: true, whitespace: true, message: t("newType.nameMissing") }]}
      >
        <Input maxLength={200} data-testid="type-title" />
      </Form.Item>
      <Form.Item name="flow" label={t("newType.flow")} rules={[{ required: true }]}>
        <Select
          showSearch
          options={flows.map(({ flow, title }) => ({ value: flow, label: `${flow} · ${title}` }))}
          data-testid="type-flow"
        />
      </Form.Item>
      <PresetFields fields={vocabulary?.fields ?? []} />
    </>
  );
}

/** Adds the type to what is being written, or to what is in force, and leads to where it is put in force. */
function useAddType(onAdded: () => void): (values: Values) => Promise<void> {
  const { draft, keep } = useDraft();
  const navigate = useNavigate();
  return useCallback(
    async ({ type, title, flow, set = [] }) => {
      const begun = draft ?? draftOf(await fetchDefinitions());
      const presets = presetsOf(set);
      const files = await draftType(begun.files, {
        ...{ type, title: title.trim(), flow },
        ...(Object.keys(presets).length === 0 ? {} : { set: presets }),
      });
      keep({ ...begun, files });
      onAdded();
      await navigate("/flows/edit?file=types.json&review=1");
    },
    [draft, keep, navigate, onAdded],
  );
}
