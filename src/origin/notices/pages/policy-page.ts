// /notices: what happens to a notice, who receives it, what can be done against it, and where all of it is logged.

import { NOTICES_PUT_BACK_BUSINESS_DAYS_MAX, NOTICES_PUT_BACK_BUSINESS_DAYS_MIN } from "../../../core/index.ts";
import type { OriginConfig } from "../../origin-parts.ts";
import { html, type Html } from "../../site/html.ts";
import { layout } from "../../site/layout.ts";
import { callout, section } from "../../site/page-parts.ts";
import { noticeElements } from "../elements.ts";

export function policyPage(config: OriginConfig, actOn: "review" | "receipt"): string {
  const moment =
    actOn === "receipt"
      ? "as soon as it is received and its e-mail address confirmed"
      : "as soon as a person has looked at it";
  return layout({
    site: config,
    title: "Notices",
    description: "How to send a notice about a release, what happens then, and how to object.",
    path: "/notices",
    section: "notices",
    styles: ["cases.css"],
    body: html`<div class="intro">
        <h1>Notices</h1>
        <p class="lead">
          If a release on this site infringes your rights, send a notice. A complete one leads to the withdrawal of the
          release: ${moment}. Who published the release can object, and then it comes back within a known time unless a
          court is asked.
        </p>
      </div>
      <p class="actions">
        <a class="button button-primary" href="/notices/new">Send a notice</a>
        <a href="/notices/log">Read the log of all notices</a>
      </p>
      ${section("agent", "Who receives notices", agentOf(config))}
      ${section("notice", "What a notice needs", needsOf(config))}
      ${section("withdrawal", "What a withdrawal does", WITHDRAWAL)} ${section("counter", "Counter-notices", COUNTER)}
      ${section("false", "False statements", FALSE_STATEMENTS)} ${section("log", "The log", LOG)}`,
  });
}

function agentOf({ agent }: OriginConfig): Html {
  if (agent === null) {
    const none =
      "No designated agent is configured for this site. Notices sent with the form reach whoever operates it.";
    return callout("plain", html`<p>${none}</p>`);
  }
  return html`<address class="agent">
    ${agent.name}${agent.organization !== null && html`<br />${agent.organization}`}
    ${agent.postalAddress.split("\n").map((line) => html`<br />${line}`)}
    ${agent.phone !== null && html`<br />Phone: ${agent.phone}`}
    <br />E-mail: <a href="mailto:${agent.email}">${agent.email}</a>
  </address>`;
}

function needsOf({ publicUrl }: OriginConfig): Html {
  return html`<p>The <a href="/notices/new">form</a> asks for the six elements that 17 U.S.C. 512(c)(3)(A) names:</p>
    <ul class="elements">
      ${Object.values(noticeElements).map((words) => html`<li>${words}</li>`)}
    </ul>
    <p>Programs send the same fields as JSON to <code>POST ${publicUrl}/api/v1/notices</code>.</p>`;
}

const WITHDRAWAL = html`<p>
  This site’s tracker, web seed and first seed stop serving the release, its downloads answer with status 451, and its
  page says what happened, on whose demand, and where the vendor’s own page is. Machines that run Upswarm stop sharing
  it. Other BitTorrent programs that have it cannot be recalled by anybody. The file is kept apart and not deleted while
  the case is open.
</p>`;

const COUNTER = html`<p>
    Whoever’s release was withdrawn by mistake or misidentification can send a counter-notice: from the page of the
    case, which the release’s page names. It needs the four elements of 17 U.S.C. 512(g)(3). The sender of the notice
    gets a copy.
  </p>
  <p>
    The release is restored ${NOTICES_PUT_BACK_BUSINESS_DAYS_MIN} to ${NOTICES_PUT_BACK_BUSINESS_DAYS_MAX} business days
    after the counter-notice was received, unless the sender of the notice first tells us of an action filed in court.
    Days are counted without weekends and federal holidays of the United States.
  </p>`;

const FALSE_STATEMENTS = html`<p>
  Who knowingly misrepresents that something is infringing, or was removed by mistake, can be liable for damages (17
  U.S.C. 512(f)).
</p>`;

const LOG = html`<p>
  Every step of every case is written into a <a href="/notices/log">log</a> that can only grow. Names of persons,
  addresses, phone numbers, e-mail addresses and signatures are not in it. Organizations, the description of the work
  and the release are.
</p>`;
