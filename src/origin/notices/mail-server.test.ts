// For tests: a mail server (RFC 5321, as much of it as a client needs) that keeps what it is given, and can be made to refuse.

import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { TestContext } from "node:test";

export interface MailServer {
  readonly url: string;
  /** As they came, newest last. */
  readonly mails: { readonly to: string; readonly text: string }[];
  /** Answers the next mails with "451 try again later". */
  refuses: boolean;
}

export async function mailServer(context: TestContext): Promise<MailServer> {
  const server = createServer();
  const state: MailServer = { url: "", mails: [], refuses: false };
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    serve(socket, state);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return Object.assign(state, { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

function serve(socket: Socket, state: MailServer): void {
  let [recipient, text, isData, rest] = ["", "", false, ""];
  const say = (line: string): boolean => socket.write(`${line}\r\n`);
  const command = (line: string): void => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "EHLO" || verb === "HELO") say("250 mail.example");
    else if (verb === "RCPT") {
      recipient = /<([^>]*)>/.exec(line)?.[1] ?? "";
      say("250 ok");
    } else if (verb === "DATA") {
      say(state.refuses ? "451 try again later" : "354 go ahead");
      isData = !state.refuses;
    } else if (verb === "QUIT") socket.end("221 bye\r\n");
    else say("250 ok");
  };
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes) => {
    const lines = (rest + bytes.toString()).split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!isData) command(line);
      else if (line === ".") {
        state.mails.push({ to: recipient, text });
        [text, isData] = ["", false];
        say("250 kept");
      } else text += `${line.startsWith(".") ? line.slice(1) : line}\n`;
    }
  });
  say("220 mail.example");
}
