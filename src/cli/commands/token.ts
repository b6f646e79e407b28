// `upswarm token create|list|revoke`: what programs may do with an origin's API.

import type { OriginFolder } from "../../origin/index.ts";
import { systemRandom } from "../../core/index.ts";
import type { Context } from "../context.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { UsageError } from "../framework/usage-error.ts";
import { dataOption } from "../origin-options.ts";
import { rows } from "../torrent-summary.ts";

type Tokens = InstanceType<typeof import("../../origin/index.ts").TokenStore>;

const SCOPE_WORDS = ["read", "publish", "manage", "notices", "admin"] as const;

export const tokenCreateCommand: Command = defineCommand({
  name: "token create",
  summary: "make a token for an origin's API; it is shown once",
  positionals: { name: { placeholder: "NAME", summary: "What it is for, as lists show it" } },
  options: {
    ...dataOption,
    scope: {
      kind: "list",
      of: "string",
      placeholder: SCOPE_WORDS.join("|"),
      required: true,
      summary: "What it may: read (metrics), publish, manage (withdraw, restore, purge), notices, admin (all)",
    },
  },
  examples: [{ line: "upswarm token create build-server --scope publish", does: "for upswarm publish --to" }],
  json: ["id, name, scopes, token"],
  async run({ positionals: { name }, options }, context) {
    const unknown = options.scope.find((word) => !SCOPE_WORDS.some((scope) => scope === word));
    if (unknown !== undefined) {
      throw new UsageError("usage.value", `--scope: "${unknown}" is none of ${SCOPE_WORDS.join(", ")}.`);
    }
    const scopes = SCOPE_WORDS.filter((scope) => options.scope.includes(scope));
    await using opened = await openTokens(options.data, context);
    const { secret, token } = await opened.tokens.create(name, scopes);
    context.print({ id: token.id, name, scopes, token: secret }, secret);
    context.note("It is not shown again, and stored only as a hash.");
  },
});

export const tokenListCommand: Command = defineCommand({
  name: "token list",
  summary: "list the tokens of an origin's API",
  positionals: {},
  options: dataOption,
  examples: [{ line: "upswarm token list", does: "with their scopes and when they were used last" }],
  json: ["tokens [{id, name, scopes, createdAt, usedAt}] (ISO 8601)"],
  async run({ options }, context) {
    await using opened = await openTokens(options.data, context);
    const tokens = (await opened.tokens.list()).map(({ createdAt, usedAt, ...token }) => ({
      ...token,
      createdAt: new Date(createdAt).toISOString(),
      usedAt: usedAt === null ? null : new Date(usedAt).toISOString(),
    }));
    const lines = tokens.map(({ id, name, scopes, usedAt }) => {
      return [id, `${name}: ${scopes.join(", ")}; ${usedAt === null ? "never used" : `used ${usedAt}`}`] as const;
    });
    context.print({ tokens }, lines.length === 0 ? "There are no tokens." : rows(lines));
  },
});

export const tokenRevokeCommand: Command = defineCommand({
  name: "token revoke",
  summary: "end a token of an origin's API",
  positionals: { id: { placeholder: "ID", summary: "As upswarm token list shows it" } },
  options: dataOption,
  examples: [{ line: "upswarm token revoke 9f2c41d07a3be655", does: "at once, also for a running origin" }],
  json: ["id"],
  async run({ positionals: { id }, options }, context) {
    await using opened = await openTokens(options.data, context);
    await opened.tokens.revoke(id);
    context.print({ id }, `The token ${id} is revoked.`);
  },
});

async function openTokens(data: string, context: Context): Promise<AsyncDisposable & { readonly tokens: Tokens }> {
  const { openOriginFolder, TokenStore } = await import("../../origin/index.ts");
  const origin: OriginFolder = await openOriginFolder(data, context);
  const { database } = origin;
  const tokens = new TokenStore({ database, clock: context.clock, random: systemRandom });
  return { tokens, [Symbol.asyncDispose]: async () => await origin[Symbol.asyncDispose]() };
}
