// The front ends of a served origin beside its API and downloads: pages, notices, administration, uploads.

import { join } from "node:path";
import { type Clock, type Log, type Random } from "../core/index.ts";
import { StorageWorkers } from "../storage/index.ts";
import { authorize } from "./access/authorize.ts";
import { TokenStore } from "./access/token-store.ts";
import { registerAdmin } from "./admin/register-admin.ts";
import type { AppPlugin } from "./http/create-app.ts";
import { NoticeDesk } from "./notices/notice-desk.ts";
import { registerNotices } from "./notices/register-notices.ts";
import type { OriginFolder } from "./origin-folder.ts";
import type { OriginParts } from "./origin-parts.ts";
import { registerSite } from "./site/register-site.ts";
import type { SwarmHost } from "./swarm/swarm-host.ts";
import { acceptFromPublisher } from "./uploads/publisher-signature.ts";
import { registerUploads } from "./uploads/register-uploads.ts";
import { UploadStore } from "./uploads/upload-store.ts";

export interface PluginDeps {
  readonly folder: OriginFolder;
  readonly swarms: SwarmHost;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What they open is given back with `opened`. */
export async function openPlugins(
  parts: OriginParts,
  deps: PluginDeps,
  opened: AsyncDisposableStack,
): Promise<readonly AppPlugin[]> {
  const desk = await NoticeDesk.open(parts, parts.config.notices);
  const tokens = new TokenStore(parts);
  const verifyToken = async (secret: string): Promise<{ readonly name: string } | null> => {
    const token = await tokens.use(secret);
    return token !== null && token.scopes.includes("admin") ? { name: token.name } : null;
  };
  return [
    registerSite,
    (app) => registerNotices(app, parts, { desk }),
    (app) => registerAdmin(app, parts, { desk, verifyToken }),
    await openUploads(deps, opened),
  ];
}

async function openUploads(deps: PluginDeps, opened: AsyncDisposableStack): Promise<AppPlugin> {
  const { folder, swarms, clock, random, log } = deps;
  const { catalogue, payloads, publishLock: lock, signing, config } = folder;
  const uploads = await UploadStore.open(join(folder.folder.root, "uploads"), { clock, random });
  const workers = opened.use(new StorageWorkers());
  return async (app) =>
    await registerUploads(app, {
      catalogue,
      payloads,
      lock,
      clock,
      log,
      uploads,
      workers,
      settings: { publicUrl: config.publicUrl, trackers: config.trackers },
      authorize,
      accept: acceptFromPublisher(signing),
      onPublished: () => swarms.follow(),
    });
}
