/** On a page: requests through `guardFetch`. */
import * as library from "bluesmoke";
import { guardFetch } from "bluesmoke/fetch";
import { runRequests } from "../http.mjs";

export function requests(origin) {
  return runRequests(library, (options) => guardFetch(fetch, options), origin);
}
