/** What the pages do: menu, colours, search. */
import { startMenu } from "./menu.mjs";
import { makeScrollable } from "./scrollable.mjs";
import { startSearch } from "./search.mjs";
import { startThemes } from "./themes.mjs";

const { root } = document.currentScript.dataset;
startMenu();
startThemes();
makeScrollable();
startSearch(root);
