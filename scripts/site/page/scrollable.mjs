/** Code and tables that are wider than the page scroll by keys, too; what fits is no stop of the Tab key. */

/** Looks at all of them, and again when the page gets another width. */
export function makeScrollable() {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const element of document.querySelectorAll("pre, .table")) observer.observe(element);
}
