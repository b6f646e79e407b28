// /admin/sign-in: by password, or by API token where the origin takes them.

import type { OriginConfig } from "../../origin-parts.ts";
import { html } from "../../site/html.ts";
import { layout } from "../../site/layout.ts";
import { problemNote, postForm } from "./frame.ts";

export interface SignInView {
  readonly config: OriginConfig;
  readonly csrf: string;
  readonly name: string;
  /** Where to go then. */
  readonly next: string;
  readonly problem: string | null;
  readonly takesTokens: boolean;
  /** Over HTTP from elsewhere, a browser keeps no cookie of ours. */
  readonly isSecure: boolean;
}

export function signInPage(view: SignInView): string {
  const { config, name, next, problem, takesTokens, isSecure } = view;
  const hidden = html`<input type="hidden" name="next" value="${next}" />`;
  return layout({
    site: config,
    title: "Sign in",
    path: null,
    section: "admin",
    styles: ["cases.css"],
    isIndexed: false,
    body: html`<div class="intro"><h1>Sign in</h1></div>
      ${!isSecure && html`<p class="callout callout-bad done">This page did not come over HTTPS: signing in will not work. Use ${config.publicUrl}/admin.</p>`}
      ${problemNote(problem)}
      ${postForm(
        view,
        "/admin/sign-in",
        html`${hidden}
          <div class="field">
            <label for="name">Account</label>
            <input
              id="name"
              name="name"
              type="text"
              value="${name}"
              autocomplete="username"
              autocapitalize="none"
              spellcheck="false"
            />
          </div>
          <div class="field">
            <label for="password">Password</label>
            <input id="password" name="password" type="password" autocomplete="current-password" />
          </div>
          <button type="submit" class="button-primary">Sign in</button>`,
      )}
      ${
        takesTokens &&
        html`<h2>With an API token</h2>
          ${postForm(
            view,
            "/admin/sign-in",
            html`${hidden}
              <div class="field">
                <label for="token">API token</label>
                <input id="token" name="token" type="password" autocomplete="off" />
              </div>
              <button type="submit">Sign in with the token</button>`,
          )}`
      }`,
  });
}
