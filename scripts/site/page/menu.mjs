/** The navigation on a narrow screen. */

/** Opens and closes it by its button; Escape closes it. */
export function startMenu() {
  const button = document.getElementById("menu");
  const show = (isOpen) => {
    button.setAttribute("aria-expanded", String(isOpen));
    document.documentElement.classList.toggle("menu-open", isOpen);
  };
  button.addEventListener("click", () => show(button.getAttribute("aria-expanded") === "false"));
  document.getElementById("headings")?.addEventListener("click", ({ target }) => {
    if (target.closest("a")) show(false);
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || button.getAttribute("aria-expanded") === "false") return;
    show(false);
    button.focus();
  });
  document.querySelector("#navigation [aria-current]")?.scrollIntoView({ block: "nearest" });
}
