/** URLs as they are printed: without what must not be in a log. */

/** A user and a password, or a token that stands for both. */
const USER = /(:\/\/)[^/?#\s]*@/g;
/** The value of a parameter in a query; its name tells which one it is. */
const VALUE = /([?&][^=&#\s]*=)[^&#\s]+/g;

/** The text with `***` for each value in the query of a URL, and without users and passwords. */
export function withoutSecrets(text: string): string {
  return text.includes("://") ? text.replace(USER, "$1").replace(VALUE, "$1***") : text;
}
