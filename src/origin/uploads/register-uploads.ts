// The origin's end of publishing from elsewhere: the routes of upload-protocol.ts. Everything here needs a token with the
// scope "publish", which is looked at before a byte of a body is read.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  messageOf,
  UPLOAD_COMPLETION_BYTES_MAX,
  UPLOAD_COMPLETION_WAIT_MS,
  UPLOAD_METAINFO_BYTES_MAX,
  type Log,
} from "../../core/index.ts";
import { parseMetainfo } from "../../metainfo/index.ts";
import { parseProductName, parseVersion } from "../../release/index.ts";
import { refOf, type ReleaseRef } from "../domain.ts";
import { webSeedUrl } from "../publishing/prepare-release.ts";
import { findSame, nextSequence } from "../publishing/publish-release.ts";
import { draftRelease } from "../publishing/release-draft.ts";
import { completeUpload, type CompletionParts } from "./upload-completion.ts";
import { UploadError } from "./upload-error.ts";
import { uploadProblemOf } from "./upload-problems.ts";
import {
  LENGTH_HEADER,
  METAINFO_TYPE,
  OFFSET_HEADER,
  PART_TYPE,
  signedToJson,
  UPLOADS_PATH,
  type BasisAnswer,
  type BeginAnswer,
  type CompletionAnswer,
  type CompletionRequest,
  type UploadSettings,
} from "./upload-protocol.ts";
import { beginQuery, completionBody, uploadParams } from "./upload-schemas.ts";
import type { Upload, UploadBody } from "./upload.ts";

export interface UploadParts extends CompletionParts {
  /** What releases name; others are refused. */
  readonly settings: UploadSettings;
  /** @throws where the request may not: the app's error handler answers */
  readonly authorize: (request: FastifyRequest, scope: "publish") => Promise<unknown>;
  /** After a release was published, before the publisher hears of it. */
  readonly onPublished?: (ref: ReleaseRef) => Promise<void>;
  /** How long a completion is waited for before the publisher has to ask again. */
  readonly completionWaitMs?: number;
  readonly log: Log;
}

interface ById {
  readonly Params: { readonly id: string };
}

export async function registerUploads(app: FastifyInstance, parts: UploadParts): Promise<void> {
  // A context of its own: these bodies are nobody else's.
  await app.register((routes, _options, done) => {
    routes.addHook("onRequest", async (request) => void (await parts.authorize(request, "publish")));
    routes.addContentTypeParser(METAINFO_TYPE, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    // Not read here: the bytes go to the disk as they come.
    routes.addContentTypeParser(PART_TYPE, (_request, body, done) => done(null, body));
    answerErrors(routes);
    registerBeginning(routes, parts);
    registerReceiving(routes, parts);
    registerCompleting(routes, parts);
    done();
  });
}

function answerErrors(routes: FastifyInstance): void {
  routes.setErrorHandler((error, request, reply) => {
    const problem = uploadProblemOf(error, request.id);
    if (problem === null) throw error;
    return reply.code(problem.status).type("application/problem+json").send(JSON.stringify(problem));
  });
}

function registerBeginning(routes: FastifyInstance, parts: UploadParts): void {
  const { settings, uploads, catalogue, log } = parts;
  const forAll = described("What new releases name");
  routes.get(UPLOADS_PATH, { schema: forAll }, (): UploadSettings => settings);

  routes.post<{ Querystring: ReleaseRef }>(
    UPLOADS_PATH,
    {
      schema: { ...described("Begin an upload, or find it again"), consumes: [METAINFO_TYPE], querystring: beginQuery },
      bodyLimit: UPLOAD_METAINFO_BYTES_MAX,
    },
    async (request, reply): Promise<BeginAnswer> => {
      const ref = { product: parseProductName(request.query.product), version: parseVersion(request.query.version) };
      const bytes = request.body;
      if (!Buffer.isBuffer(bytes))
        throw new UploadError("upload.request", `The body is the metainfo, as ${METAINFO_TYPE}.`);
      const metainfo = parseMetainfo(bytes);
      checkAddresses(settings, ref, metainfo);
      // The digests are not known yet; the info-hashes say enough.
      const draft = draftRelease(metainfo, { ...ref, channel: "", vendor: null, notes: null }, null);
      const same = await findSame(catalogue, draft);
      if (same !== null) return { kind: "same", release: same };
      const { upload, isNew } = await uploads.begin(ref, bytes);
      if (isNew) log.write("info", "upload.begun", { release: refOf(ref), id: upload.id, bytes: upload.lengthBytes });
      reply.code(isNew ? 201 : 200).header("Location", `${UPLOADS_PATH}/${upload.id}`);
      return { kind: "upload", id: upload.id, offset: await upload.offset(), lengthBytes: upload.lengthBytes };
    },
  );
}

/** A torrent that announces elsewhere would not be this origin's to follow, nor to withdraw. */
function checkAddresses(
  { publicUrl, trackers }: UploadSettings,
  ref: ReleaseRef,
  metainfo: ReturnType<typeof parseMetainfo>,
): void {
  const isOurs =
    metainfo.trackers.flat().join(" ") === trackers.join(" ") &&
    metainfo.webSeeds.join(" ") === webSeedUrl(publicUrl, ref);
  if (!isOurs) {
    const text =
      "The metainfo names other trackers or web seeds than this origin's. Ask for its settings and make it again.";
    throw new UploadError("upload.request", text);
  }
}

function registerReceiving(routes: FastifyInstance, { uploads, clock, log }: UploadParts): void {
  const path = `${UPLOADS_PATH}/:id`;
  const schema = { params: uploadParams };

  routes.head<ById>(path, { schema: { ...schema, ...described("How far it has come") } }, async (request, reply) => {
    const upload = uploads.get(request.params.id);
    return tellOffset(reply.code(204), upload, await upload.offset()).send();
  });

  const sending = { ...described("Send what comes next"), consumes: [PART_TYPE] };
  routes.patch<ById>(path, { schema: { ...schema, ...sending } }, async (request, reply) => {
    const upload = uploads.get(request.params.id);
    const text = String(request.headers[OFFSET_HEADER] ?? "");
    if (!/^\d{1,15}$/.test(text)) throw new UploadError("upload.request", "Upload-Offset says where the body begins.");
    if (request.body === undefined) throw new UploadError("upload.request", `The body is bytes, as ${PART_TYPE}.`);
    try {
      const offset = await upload.receive(Number(text), request.body as UploadBody, clock);
      return await tellOffset(reply.code(204), upload, offset).send();
    } catch (error) {
      if (error instanceof UploadError && error.code === "upload.offset") {
        // The body is not wanted, and may be long.
        tellOffset(reply.header("Connection", "close"), upload, await upload.offset());
      }
      throw error;
    }
  });

  routes.delete<ById>(path, { schema: { ...schema, ...described("Give it up") } }, async (request, reply) => {
    const upload = uploads.get(request.params.id);
    if (upload.isCompleting) throw new UploadError("upload.busy", "The upload is being completed.");
    await uploads.remove(upload);
    log.write("info", "upload.removed", { release: refOf(upload.ref), id: upload.id });
    return reply.code(204).send();
  });
}

function tellOffset(reply: FastifyReply, upload: Upload, offset: number): FastifyReply {
  return reply
    .header(OFFSET_HEADER, offset)
    .header(LENGTH_HEADER, upload.lengthBytes)
    .header("Cache-Control", "no-store");
}

function registerCompleting(routes: FastifyInstance, parts: UploadParts): void {
  const { uploads, catalogue, completionWaitMs = UPLOAD_COMPLETION_WAIT_MS } = parts;
  const schema = { params: uploadParams };

  const basis = described("What is signed now, to sign over");
  routes.get<ById>(
    `${UPLOADS_PATH}/:id/basis`,
    { schema: { ...schema, ...basis } },
    async (request): Promise<BasisAnswer> => {
      const { ref } = uploads.get(request.params.id);
      const signed = signedToJson(await catalogue.currentlySigned());
      return { sequence: await nextSequence(catalogue, ref.product), signed };
    },
  );

  routes.post<ById & { Body: CompletionRequest }>(
    `${UPLOADS_PATH}/:id/complete`,
    {
      schema: { ...schema, ...described("Verify and publish it"), body: completionBody },
      bodyLimit: UPLOAD_COMPLETION_BYTES_MAX,
    },
    async (request, reply): Promise<CompletionAnswer> => {
      const upload = uploads.get(request.params.id);
      // Where another request is at it, this one only waits: what it would do has been done then, or can be asked again.
      const work = upload.isCompleting
        ? upload.completed().then((): CompletionAnswer => ({ kind: "completing" }))
        : complete(parts, upload, request.body);
      const answer = await within(work, completionWaitMs);
      if (answer.kind === "completing") reply.code(202);
      return answer;
    },
  );
}

async function complete(parts: UploadParts, upload: Upload, request: CompletionRequest): Promise<CompletionAnswer> {
  const fields = { release: refOf(upload.ref), id: upload.id };
  try {
    const outcome = await completeUpload(parts, upload, request);
    parts.log.write("info", "upload.completed", { ...fields, outcome: outcome.kind });
    await parts.onPublished?.(upload.ref);
    return outcome;
  } catch (error) {
    // The publisher may have gone meanwhile.
    parts.log.write("warn", "upload.refused", { ...fields, error: messageOf(error) });
    throw error;
  }
}

/** Connections on which no byte moves are cut, here or by a proxy, and hashing a long payload takes minutes. */
async function within(work: Promise<CompletionAnswer>, waitMs: number): Promise<CompletionAnswer> {
  const { promise, resolve } = Promise.withResolvers<CompletionAnswer>();
  const timer = setTimeout(() => resolve({ kind: "completing" }), waitMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** For the API's description. */
function described(summary: string): { tags: string[]; summary: string; security: { bearer: string[] }[] } {
  return { tags: ["uploads"], summary, security: [{ bearer: ["publish"] }] };
}
