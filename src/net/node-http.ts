// Node's HTTP modules without what importing them costs every process. An import reads all exports of a built-in module,
// and some of node:http are getters that load fetch's whole client: 50 ms of CPU time where this takes 4 (measured).
// node:https, which loads TLS, takes 20 more, so whoever wants it asks for it when a URL is secure.

export const nodeHttp: () => typeof import("node:http") = () => process.getBuiltinModule("node:http");
export const nodeHttps: () => typeof import("node:https") = () => process.getBuiltinModule("node:https");
