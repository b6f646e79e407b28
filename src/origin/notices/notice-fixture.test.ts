// For tests: a notice and a counter-notice that lack nothing.

export const noticeFields = {
  name: "Jane Doe",
  organization: "Example Software, Inc.",
  email: "jane@example.org",
  phone: "+1 212 555 0101",
  address: "12 Elm Street\nSpringfield, IL 62701",
  work: "Example Software 2.0, the installation package",
  material: "https://updates.example/example/2.0",
  goodFaith: "yes",
  accuracy: "yes",
  signature: "Jane Doe",
};

export const counterFields = {
  name: "Paul Publisher",
  email: "paul@publisher.example",
  phone: "+1 415 555 0102",
  address: "1 Main Street\nOakland, CA 94601",
  material: "Example Software 2.0, at https://updates.example/example/2.0",
  mistake: "yes",
  consent: "yes",
  signature: "Paul Publisher",
};
