// Loaded before a package that wants WebRTC, which no peer uses here: its binary is not there where install scripts were
// not run. Either of the two packages that would load it is replaced by nothing.

import { registerHooks } from "node:module";

const nothing = "export class RTCPeerConnection {}; export const [RTCSessionDescription, RTCIceCandidate] = [];";
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "webrtc-polyfill"
      ? { url: `data:text/javascript,${encodeURIComponent(nothing)}`, shortCircuit: true }
      : next(specifier, context),
});
