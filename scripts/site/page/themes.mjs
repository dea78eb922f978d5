/** Light, dark, or as the system has it. */
const KEY = "bluesmoke-theme";
const THEMES = ["auto", "light", "dark"];
const LABELS = { auto: "Auto", light: "Light", dark: "Dark" };

/** Makes the button go round the three, and keeps the choice. */
export function startThemes() {
  const button = document.getElementById("theme");
  const { dataset } = document.documentElement;
  const label = () => {
    const name = LABELS[dataset.theme ?? "auto"];
    button.textContent = name;
    button.setAttribute("aria-label", `Colours: ${name}`);
  };
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(dataset.theme ?? "auto") + 1) % THEMES.length];
    if (next === "auto") delete dataset.theme;
    else dataset.theme = next;
    keep(dataset.theme);
    label();
  });
  label();
}

function keep(theme) {
  try {
    if (theme === undefined) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage is refused: the choice holds for this page.
  }
}
