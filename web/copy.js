// Puts a button beside each value that one may want to take along ([data-copy] says what it is). Without this script, or
// where the browser gives no clipboard (plain HTTP), the value can be selected as a whole with one click.

const SHOWN_MS = 2000;

if (navigator.clipboard !== undefined) {
  for (const value of document.querySelectorAll("[data-copy]"))
    value.closest(".copyable, .command")?.append(button(value));
}

/** @param {Element} value */
function button(value) {
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "copy";
  copy.textContent = "Copy";
  copy.setAttribute("aria-label", `Copy ${value.getAttribute("data-copy")}`);
  copy.addEventListener("click", () => {
    void navigator.clipboard.writeText(value.textContent ?? "").then(
      () => say(copy, "Copied"),
      () => say(copy, "Select it by hand"),
    );
  });
  return copy;
}

/**
 * In the button, for who looks at it, and in a live region, for who does not.
 * @param {HTMLButtonElement} copy
 * @param {string} text
 */
function say(copy, text) {
  copy.textContent = text;
  announcer().textContent = `${copy.getAttribute("aria-label")}: ${text}`;
  setTimeout(() => (copy.textContent = "Copy"), SHOWN_MS);
}

/** @returns {Element} */
function announcer() {
  const there = document.querySelector("[data-announcer]");
  if (there !== null) return there;
  const made = document.createElement("p");
  made.className = "unseen";
  made.setAttribute("role", "status");
  made.setAttribute("data-announcer", "");
  (document.querySelector("main") ?? document.body).append(made);
  return made;
}
