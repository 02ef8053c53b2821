import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { SessionAnswer } from "../../../client/index.ts";

/** Who is logged in. */
export const SessionContext = createContext<SessionAnswer | undefined>(undefined);

export function useSession(): SessionAnswer {
  return useContext(SessionContext)!;
}

/** Whether the role may use a route, like `POST /v1/nodes`. What it may not is not offered. */
export function useMay(): (route: string) => boolean {
  const { may } = useSession();
  return (route) => may.includes(route);
}
