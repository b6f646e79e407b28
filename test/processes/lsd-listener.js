// Prints every info-hash that somebody announces by local discovery (BEP 14) on this host's network, one a line, after
// "listening".

import { createSocket } from "node:dgram";

const socket = createSocket({ type: "udp4", reuseAddr: true });
socket.on("message", (bytes) => {
  for (const [, infoHash] of bytes.toString("latin1").matchAll(/^Infohash: ([0-9a-f]+)\r?$/gim)) {
    console.log(infoHash.toLowerCase());
  }
});
socket.bind(6771, () => {
  socket.addMembership("239.192.152.143");
  console.log("listening");
});
