// The address of a page says what it shows: ?api=<server>&graph=<assistant>&input=<JSON that is sent with each message>, and
// &thread=<id> once there is a thread, so that a reload and a second tab show the same one.
import { useState } from "react";

const parameters = new URLSearchParams(location.search);

export const api = parameters.get("api");
export const graph = parameters.get("graph");
export const transport = parameters.get("transport") ?? undefined;
export const inputOf = (message) => ({ ...JSON.parse(parameters.get("input") ?? "{}"), messages: [message] });

/** The id of the thread in the address, and a function that puts another one there. */
export function useThreadInAddress() {
  const [thread, setThread] = useState(parameters.get("thread"));
  const put = (id) => {
    parameters.set("thread", id);
    history.replaceState(null, "", `?${parameters}`);
    setThread(id);
  };
  return [thread, put];
}
