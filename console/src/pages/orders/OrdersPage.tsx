/** Orders: found on one page, explained and acted upon on the other. */
import type { ReactNode } from "react";
import { Route, Routes } from "react-router";
import { OrderDetail } from "./OrderDetail";
import { OrderList } from "./OrderList";

export function OrdersPage(): ReactNode {
  return (
    <Routes>
      <Route index element={<OrderList />} />
      <Route path=":id" element={<OrderDetail />} />
    </Routes>
  );
}
