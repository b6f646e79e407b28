// The API's description (OpenAPI 3.1), made from the routes' schemas: what is served is what is validated. Routes without
// a tag (pages, downloads, signed metadata) are not part of it; other parts' routes are, when they have one.

import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import type { SiteIdentity } from "../site/layout.ts";

export function registerOpenApi(app: FastifyInstance, { title, publicUrl }: SiteIdentity): void {
  app.register(swagger, {
    hideUntagged: true,
    convertConstToEnum: false,
    openapi: {
      openapi: "3.1.0",
      info: {
        title,
        version: "1",
        description:
          "Releases, their swarms and their withdrawal. Errors are problem documents (RFC 9457) with a stable code.",
      },
      servers: [{ url: publicUrl }],
      tags: [
        { name: "catalogue", description: "What there is; public." },
        { name: "lifecycle", description: "Withdraw, restore and purge; scope “manage”." },
        { name: "tokens", description: "Who may do what; scope “admin”." },
      ],
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
    },
    // A schema keeps its own name.
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json["$id"] === "string" ? json["$id"] : `schema-${index}`,
    },
  });
}
