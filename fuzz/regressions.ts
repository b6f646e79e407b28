// Inputs that once broke an invariant, by target, in hex. Each is checked in every run of the tests.

export interface Regression {
  readonly target: string;
  /** What it did. */
  readonly what: string;
  readonly hex: string;
}

const text = (input: string): string => Buffer.from(input).toString("hex");

export const regressions: readonly Regression[] = [
  {
    target: "release-record",
    what: "a number that is -0 was taken and written as 0",
    hex: text(
      String.raw`{"schema":1,"product":"editor","version":"1.0","channel":"stable","sequence":3,"name":"editor.bin","kind":"folder","fileCount":-0,"lengthBytes":100000,"sha256":null,"sha1":null,"infoHashV1":"1111111111111111111111111111111111111111","infoHashV2":"2222222222222222222222222222222222222222222222222222222222222222","infoHashTwin":"3333333333333333333333333333333333333333","vendor":null,"notes":null,"status":"published","publishedAt":"2026-11-25T12:00:00Z"}`,
    ),
  },
  {
    target: "notice",
    what: "an address with two @ left its second half in the public log",
    hex: text(
      String.raw`{"name":"Jane Doe","organization":"","email":"jane@example.org","phone":"+1 212 555 0101","address":"","work":"By Ja, nane@example.one@example.org, and others","material":"update/1.0","goodFaith":true,"accuracy":true,"signature":"Jane Doe"}`,
    ),
  },
  {
    target: "origin-api",
    what: "a withdrawal that names an unknown version to take instead was answered 500",
    hex: text(
      'PUT /api/v1/products/update/releases/1.1/withdrawal\nauthorization: Bearer TOKEN\ncontent-type: application/json\n\n{"kind":"recall","reason":"A fault.","replacedBy":"7.0"}',
    ),
  },
  {
    target: "origin-uploads",
    what: "an address with a broken escape was answered by the framework, without headers and as no problem document",
    hex: text("GET /api/v1/uploa%s\nauthorization: Bearer TOKEN\n\n"),
  },
];
