// /notices/new and /notices/counter/CASE: the forms. They work without scripts, and what is wrong stands beside the fields.

import { refOf } from "../../domain.ts";
import type { OriginConfig } from "../../origin-parts.ts";
import { releasePath } from "../../site/addresses.ts";
import { html, type Html } from "../../site/html.ts";
import { layout } from "../../site/layout.ts";
import type { Case } from "../case-book.ts";
import { statements } from "../elements.ts";
import { agreement, field, guards, problemSummary, type FormValues } from "./form-fields.ts";

export interface FormPage {
  readonly config: OriginConfig;
  readonly values: FormValues;
  readonly stamp: string;
}

export function noticeForm({ config, values, stamp }: FormPage): string {
  return layout({
    site: config,
    title: titled(values, "Send a notice"),
    path: "/notices/new",
    section: "notices",
    styles: ["cases.css"],
    body: html`<div class="intro">
        <h1>Send a notice</h1>
        <p class="lead">
          One notice for each release. What you write about the work, and your organization, are published in the
          <a href="/notices/log">log</a>; your name, signature and ways to reach you are not.
        </p>
      </div>
      ${problemSummary(values)}
      <form method="post" action="/notices/new" class="form" novalidate>
        ${guards(stamp)}
        <fieldset>
          <legend>The work and the release</legend>
          ${field(values, { name: "work", label: "Which work is infringed?", hint: "Published. Its title, and where it can be seen.", type: "textarea" })}
          ${field(values, {
            name: "material",
            label: "Which release infringes it?",
            hint: `The address of its page, such as ${config.publicUrl}/product/1.0, or its magnet link.`,
          })}
        </fieldset>
        <fieldset>
          <legend>You</legend>
          ${field(values, { name: "name", label: "Your name", autocomplete: "name" })}
          ${field(values, {
            name: "organization",
            label: "For which organization",
            hint: "Published, also on the release's page.",
            autocomplete: "organization",
            isOptional: true,
          })}
          ${reachFields(values, "An e-mail address, a phone number or a postal address: at least one.")}
        </fieldset>
        <fieldset>
          <legend>Statements and signature</legend>
          ${agreement(values, "goodFaith", statements.goodFaith)} ${agreement(values, "accuracy", statements.accuracy)}
          ${field(values, { name: "signature", label: "Signature", hint: "Your full name, typed, as your electronic signature." })}
        </fieldset>
        <button type="submit" class="button-primary">Send the notice</button>
      </form>`,
  });
}

export function counterForm(page: FormPage & { readonly one: Case }): string {
  const { config, values, stamp, one } = page;
  const release = refOf(one.ref);
  const address = `${config.publicUrl}${releasePath(one.ref)}`;
  const prefilled = {
    ...values,
    typed: { material: `${release}, at ${address}`, ...values.typed },
  };
  return layout({
    site: config,
    title: titled(values, `Counter-notice in case ${one.id}`),
    path: null,
    section: "notices",
    styles: ["cases.css"],
    isIndexed: false,
    body: html`<div class="intro">
        <h1>Counter-notice in case ${one.id}</h1>
        <p class="lead">
          ${release} was withdrawn on a notice${one.organization !== null && html` of ${one.organization}`}. If that was
          a mistake or a misidentification and the release is yours, you can object. The sender of the notice gets a
          copy of everything you write here.
        </p>
      </div>
      ${problemSummary(values)}
      <form method="post" action="/notices/counter/${one.id}" class="form" novalidate>
        ${guards(stamp)}
        <fieldset>
          <legend>The release</legend>
          ${field(prefilled, { name: "material", label: "What was removed, and where was it?", type: "textarea" })}
          ${agreement(values, "mistake", statements.mistake)}
        </fieldset>
        <fieldset>
          <legend>You</legend>
          ${field(values, { name: "name", label: "Your name", autocomplete: "name" })} ${reachFields(values)}
          ${agreement(values, "consent", statements.consent)}
        </fieldset>
        <fieldset>
          <legend>Signature</legend>
          ${field(values, { name: "signature", label: "Signature", hint: "Your full name, typed, as your electronic signature." })}
        </fieldset>
        <button type="submit" class="button-primary">Send the counter-notice</button>
      </form>`,
  });
}

/** After either form: where the case is, and what comes next. */
export function sentPage(config: OriginConfig, one: Case, what: "notice" | "counter-notice"): string {
  const confirmation = what === "notice" ? one.confirmation : one.counterConfirmation;
  return layout({
    site: config,
    title: `Your ${what} was received`,
    path: null,
    section: "notices",
    styles: ["cases.css"],
    isIndexed: false,
    body: html`<div class="intro"><h1>Your ${what} was received</h1></div>
      <p>
        It belongs to case <a href="/notices/cases/${one.id}">${one.id}</a>. Its page says at any time where the case
        stands. Keep its address.
      </p>
      ${confirmation === "pending" && html`<p class="callout">We sent you an e-mail. Please open the link in it, so that we know the address is yours.</p>`}`,
  });
}

export function confirmPage(config: OriginConfig, one: Case, token: string): string {
  return layout({
    site: config,
    title: "Confirm your e-mail address",
    path: null,
    section: "notices",
    styles: ["cases.css"],
    isIndexed: false,
    body: html`<div class="intro"><h1>Confirm your e-mail address</h1></div>
      <p>You gave it in case ${one.id}, about ${refOf(one.ref)}.</p>
      <form method="post" action="/notices/confirm/${token}">
        <button type="submit" class="button-primary">Yes, it is mine</button>
      </form>`,
  });
}

export function confirmedPage(config: OriginConfig, one: Case): string {
  return messagePage(
    config,
    "Your e-mail address is confirmed",
    html`<p>Thank you. The page of <a href="/notices/cases/${one.id}">case ${one.id}</a> says where it stands.</p>`,
  );
}

export function messagePage(config: OriginConfig, title: string, body: Html): string {
  return layout({
    site: config,
    title,
    path: null,
    section: "notices",
    styles: ["cases.css"],
    isIndexed: false,
    body: html`<div class="intro"><h1>${title}</h1></div>
      ${body}`,
  });
}

function reachFields(values: FormValues, hint?: string): readonly Html[] {
  return [
    field(values, {
      name: "email",
      label: "E-mail address",
      type: "email",
      autocomplete: "email",
      ...(hint === undefined ? {} : { hint }),
    }),
    field(values, { name: "phone", label: "Phone number", type: "tel", autocomplete: "tel" }),
    field(values, { name: "address", label: "Postal address", type: "textarea", autocomplete: "street-address" }),
  ];
}

function titled({ problems }: FormValues, title: string): string {
  return problems.length === 0 ? title : `Please check: ${title}`;
}
