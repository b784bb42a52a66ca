import { type ComponentType, lazy, type LazyExoticComponent } from "react";

export type LazyPage = LazyExoticComponent<ComponentType>;

/** A page by its exported name, fetched when it is first opened: `lazyPage(() => import("./pages/a/APage"), "APage")`. */
export const lazyPage = <Name extends string>(
  load: () => Promise<Readonly<Record<Name, ComponentType>>>,
  name: Name,
): LazyPage => lazy(async () => ({ default: (await load())[name] }));
