/** The colours that the reader has chosen, before anything is painted. Without a choice they are those of the system. */
try {
  const theme = localStorage.getItem("bluesmoke-theme");
  if (theme !== null) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is refused: the system's colours.
}
document.documentElement.classList.add("scripted");
