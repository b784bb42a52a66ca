/** A page that fails takes nobody with it: header and navigation stay, and another page is one click away. */
import { Skeleton } from "antd";
import { Component, type ReactNode, Suspense } from "react";
import { useLocation } from "react-router";
import { ProblemState } from "../shared/ProblemState";

interface Props {
  /** Another one begins anew. */
  readonly page: string;
  readonly children: ReactNode;
}

interface State {
  readonly page: string;
  readonly error: unknown;
}

class Boundary extends Component<Props, State> {
  override state: State = { page: this.props.page, error: undefined };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps({ page }: Props, state: State): State | null {
    return page === state.page ? null : { page, error: undefined };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    // A page's file that is gone is one of an earlier release: loading anew gets the present one.
    return <ProblemState error={error} onRetry={() => window.location.reload()} />;
  }
}

export function PageBoundary({ children }: { readonly children: ReactNode }): ReactNode {
  const { pathname } = useLocation();
  return (
    <Boundary page={pathname}>
      <Suspense fallback={<Skeleton active aria-busy />}>{children}</Suspense>
    </Boundary>
  );
}
