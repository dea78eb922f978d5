/** Fetches from an origin, and shows where the answer came from. The Service Worker does everything else. */
const element = (id) => document.querySelector(`#${id}`);

element("fetch").addEventListener("click", async () => {
  const response = await fetch("/flaky");
  const by = response.headers.get("x-answered-by") ?? "the origin";
  element("log").append(`${response.status} ${await response.text()}, by ${by}\n`);
});
for (const change of ["down", "up"]) {
  element(change).addEventListener("click", () => fetch(`/flaky/${change}`, { method: "POST" }));
}

navigator.serviceWorker.addEventListener("controllerchange", () => {
  element("fetch").disabled = false;
});
await navigator.serviceWorker.register("worker.mjs", { type: "module" });
if (navigator.serviceWorker.controller !== null) element("fetch").disabled = false;
