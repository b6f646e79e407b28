// Takes a renewed certificate without a restart: its files are looked at now and then. What cannot be read, or does not
// fit (the key is not renewed yet), is told to the log, and what was there stays in use.

import { unwatchFile, watchFile } from "node:fs";
import type { Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import { messageOf } from "../../core/index.ts";
import type { Log } from "../../core/index.ts";
import { readTls } from "./listening-server.ts";
import type { TlsFiles } from "./listening-server.ts";

/** For connections to come. Gives back how to stop. */
export function watchCertificate(server: Server, tls: TlsFiles, checkMs: number, log: Log): () => void {
  const files = [tls.certificateFile, tls.keyFile];
  const take = (): void => {
    try {
      (server as unknown as SecureServer).setSecureContext(readTls(tls));
      log.write("info", "http.certificate-renewed");
    } catch (error) {
      log.write("warn", "http.certificate-refused", { message: messageOf(error) });
    }
  };
  for (const file of files) watchFile(file, { interval: checkMs, persistent: false }, take);
  return () => {
    for (const file of files) unwatchFile(file, take);
  };
}
