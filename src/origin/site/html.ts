// HTML as values: html`<p>${text}</p>` escapes what is put in unless that is itself Html, so a page can hold nothing that
// its author did not write as a literal. Attribute values stand in double quotes, always. Scripts and styles are files,
// never inline, so nothing is ever put into one.

const rawText: unique symbol = Symbol("html");

/** Text that is HTML already. Only html`` and trustedHtml() make it. */
export interface Html {
  readonly [rawText]: string;
}

export type HtmlPart = Html | string | number | null | undefined | false | readonly HtmlPart[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function html(literals: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let text = literals[0] ?? "";
  for (const [index, part] of parts.entries()) text += render(part) + (literals[index + 1] ?? "");
  return { [rawText]: text };
}

/** For text that is HTML by its origin: a file of our own, never something that came over the network. */
export function trustedHtml(text: string): Html {
  return { [rawText]: text };
}

export function render(part: HtmlPart): string {
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  if (part === null || part === undefined || part === false) return "";
  return isHtml(part) ? part[rawText] : part.map(render).join("");
}

function isHtml(part: Html | readonly HtmlPart[]): part is Html {
  return rawText in part;
}

function escapeHtml(text: string): string {
  return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character) : text;
}
