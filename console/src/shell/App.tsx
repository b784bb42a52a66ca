/** Everything together: providers, and a route for every page of the navigation. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { createBrowserRouter, type RouteObject } from "react-router";
import { RouterProvider } from "react-router/dom";
import { ApiError } from "../api/error";
import { navigation, type NavigationItem } from "../navigation";
import { LoginPage } from "../pages/login/LoginPage";
import { WelcomePage } from "../pages/welcome/WelcomePage";
import { RequireSession } from "../session/RequireSession";
import { SessionProvider, useSession } from "../session/SessionProvider";
import { Layout } from "./Layout";
import { PreferencesProvider } from "./PreferencesProvider";
import { FirstPage, NotAllowed, NotFound } from "./states";

/** A read that found nobody is tried again; one that was answered is not: the answer would be the same. */
const retriesMax = 2;
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) =>
        failures < retriesMax && (!(error instanceof ApiError) || error.status === 0 || error.status === 503),
      refetchOnWindowFocus: true,
      staleTime: 1_000,
    },
    // A change is never sent twice by the console.
    mutations: { retry: false },
  },
});

function Allowed({ item: { right, page: Page } }: { readonly item: NavigationItem }): ReactNode {
  const { rights } = useSession().user;
  return right === undefined || rights.includes(right) ? <Page /> : <NotAllowed right={right} />;
}

const routes: RouteObject[] = [
  { path: "/login", element: <LoginPage /> },
  { path: "/welcome", element: <WelcomePage /> },
  {
    path: "/",
    element: (
      <RequireSession>
        <Layout />
      </RequireSession>
    ),
    children: [
      { index: true, element: <FirstPage /> },
      ...navigation.map((item) => ({ path: `${item.path}/*`, element: <Allowed item={item} /> })),
      { path: "*", element: <NotFound /> },
    ],
  },
];

const router = createBrowserRouter(routes);

export function App(): ReactNode {
  return (
    <QueryClientProvider client={queries}>
      <PreferencesProvider>
        <SessionProvider>
          <RouterProvider router={router} />
        </SessionProvider>
      </PreferencesProvider>
    </QueryClientProvider>
  );
}
