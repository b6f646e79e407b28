// Node's HTTP modules without what importing them costs every process. An import reads all exports of a built-in module,
// and some of node:http are getters that load fetch's whole client: a start of the command line took 209 ms of CPU time and
// 182 without them (measured). node:https, which loads TLS, is for whoever meets a secure URL.

export const nodeHttp: () => typeof import("node:http") = () => process.getBuiltinModule("node:http");
export const nodeHttps: () => typeof import("node:https") = () => process.getBuiltinModule("node:https");
