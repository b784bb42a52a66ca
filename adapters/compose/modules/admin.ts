/** The admin API and the console. */
import { createAdmin } from "../../http/admin/admin.js";
import { adminServices } from "../admin-services.js";
import { createIdentity, tellAuditHead } from "../identity.js";
import { recordSystem } from "../system-recorder.js";
import { SystemView } from "../system-view.js";
import type { Module, ModuleContext } from "./module.js";

export async function startAdmin({
  kernel,
  adminToken,
  demoShop = () => undefined,
}: ModuleContext): Promise<Module> {
  const { publicUrl, host, port } = kernel.settings.admin;
  const identity = createIdentity(kernel);
  const view = new SystemView(kernel);
  const admin = await createAdmin(adminServices(kernel, adminToken, identity, demoShop, view));
  const token = await identity.firstLink();
  const url = await admin.listen(port, host);
  const base = publicUrl === "" ? url : publicUrl.replace(/\/+$/, "");
  const stopTelling = tellAuditHead(kernel);
  const recorder = recordSystem(kernel, view);
  return {
    ...{ name: "admin", url },
    ...(token === undefined ? {} : { firstLink: `${base}/welcome#${token}` }),
    stop: async () => {
      stopTelling();
      await admin.close();
      await recorder.stop();
    },
  };
}
