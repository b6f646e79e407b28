// Form fields as HTML: a label, a hint and the problem beside each, tied together for screen readers, with what was typed kept.

import { html, type Html } from "../../site/html.ts";
import type { Problem } from "../notice-fields.ts";

export interface FormValues {
  readonly typed: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

export interface FieldText {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly type?: "text" | "email" | "tel" | "textarea";
  readonly autocomplete?: string;
  readonly isOptional?: true;
}

export function field({ typed, problems }: FormValues, text: FieldText): Html {
  const { name, label, hint, type = "text", autocomplete = "off", isOptional = false } = text;
  const problem = problems.find((found) => found.field === name);
  const value = typeof typed[name] === "string" ? typed[name] : "";
  const described = [hint === undefined ? "" : `${name}-hint`, problem === undefined ? "" : `${name}-problem`]
    .join(" ")
    .trim();
  const about = described !== "" && html` aria-describedby="${described}"`;
  const invalid = problem !== undefined && html` aria-invalid="true"`;
  return html`<div class="field">
    <label for="${name}">${label}${isOptional && " (optional)"}</label>
    ${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}
    ${problem !== undefined && html`<p class="error" id="${name}-problem">${problem.message}</p>`}
    ${
      type === "textarea"
        ? html`<textarea id="${name}" name="${name}" rows="4" autocomplete="${autocomplete}" ${about}${invalid}>
${value}</textarea>`
        : html`<input
            id="${name}"
            name="${name}"
            type="${type}"
            value="${value}"
            autocomplete="${autocomplete}"
            ${about}${invalid}
          />`
    }
  </div>`;
}

/** A statement that is agreed to. */
export function agreement({ typed, problems }: FormValues, name: string, statement: string): Html {
  const problem = problems.find((found) => found.field === name);
  const isTicked = typed[name] === "yes";
  return html`<div class="statement">
    ${problem !== undefined && html`<p class="error" id="${name}-problem">${problem.message}</p>`}
    <div class="check">
      <input
        id="${name}"
        name="${name}"
        type="checkbox"
        value="yes"
        ${isTicked && html` checked`}
        ${problem !== undefined && html` aria-invalid="true" aria-describedby="${name}-problem"`}
      />
      <label for="${name}">${statement}</label>
    </div>
  </div>`;
}

/** On top of a form that came back: what is wrong, with a way to each field. */
export function problemSummary({ problems }: FormValues): Html {
  if (problems.length === 0) return html``;
  return html`<div class="callout callout-bad problems" role="alert">
    <h2>Please check ${problems.length === 1 ? "one thing" : `${problems.length} things`}</h2>
    <ul>
      ${problems.map(({ field: name, message }) => html`<li><a href="#${name}">${message}</a></li>`)}
    </ul>
  </div>`;
}

/** A field that people do not see and programs fill in, and the stamp. */
export function guards(stamp: string): Html {
  return html`<input type="hidden" name="stamp" value="${stamp}" />
    <div hidden>
      <label for="reference">Leave this empty</label>
      <input id="reference" name="reference" type="text" value="" autocomplete="off" tabindex="-1" />
    </div>`;
}
