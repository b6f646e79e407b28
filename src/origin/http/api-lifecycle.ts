// What changes a release: withdraw, restore, purge. When the answer comes it has been acted upon: signed, stored, and out
// of tracker, seed and downloads.

import type { FastifyInstance } from "fastify";
import { authorize, requireScope } from "../access/authorize.ts";
import type { Withdrawal } from "../domain.ts";
import type { OriginParts } from "../origin-parts.ts";
import { problems, RELEASE_PATH, releaseAnswer, withdrawalRequest } from "./api-schemas.ts";
import type { ReleaseRoute } from "./api-schemas.ts";
import { releaseView } from "./release-view.ts";

interface WithdrawRoute extends ReleaseRoute {
  readonly Body: Pick<Withdrawal, "kind" | "reason"> & Partial<Withdrawal>;
}

export function registerLifecycleApi(api: FastifyInstance, { lifecycle, config, log }: OriginParts): void {
  const common = { tags: ["lifecycle"], security: [{ bearer: ["manage"] }] };
  const onRequest = requireScope("manage");
  const errors = problems(400, 401, 403, 404, 409, 422, 429);
  const audit = (event: string, by: string, { product, version }: ReleaseRoute["Params"]): void =>
    log.write("info", event, { product, version, by });

  api.put<WithdrawRoute>(
    `${RELEASE_PATH}/withdrawal`,
    {
      schema: {
        ...common,
        summary: "Withdraw it",
        body: withdrawalRequest,
        response: { 200: releaseAnswer, ...errors },
      },
      onRequest,
    },
    async (request) => {
      const { kind, reason, demandedBy = null, vendorUrl = null, replacedBy = null, caseId = null } = request.body;
      const token = await authorize(request, "manage");
      const withdrawal = { kind, reason, demandedBy, vendorUrl, replacedBy, caseId };
      const release = await lifecycle.withdraw(request.params, withdrawal);
      audit("release.withdrawn", token.id, request.params);
      return releaseView(release, config);
    },
  );
  api.delete<ReleaseRoute>(
    `${RELEASE_PATH}/withdrawal`,
    { onRequest, schema: { ...common, summary: "Restore it", response: { 200: releaseAnswer, ...errors } } },
    async (request) => {
      const token = await authorize(request, "manage");
      const release = await lifecycle.restore(request.params);
      audit("release.restored", token.id, request.params);
      return releaseView(release, config);
    },
  );
  api.delete<ReleaseRoute>(
    `${RELEASE_PATH}/payload`,
    {
      onRequest,
      schema: {
        ...common,
        summary: "Delete a withdrawn release's payload for good",
        response: { 204: { description: "It is gone.", type: "null" }, ...errors },
      },
    },
    async (request, reply) => {
      const token = await authorize(request, "manage");
      await lifecycle.purge(request.params);
      audit("release.purged", token.id, request.params);
      return reply.code(204).send();
    },
  );
}
