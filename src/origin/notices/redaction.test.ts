import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { publicOrganization, redact, REDACTED, type PersonalData } from "./redaction.ts";

const jane: PersonalData = {
  name: "Jane Q. Doe-Smith",
  signature: "/s/ Jane Doe",
  email: "jane@doe.example",
  phone: "+1 212 555 0101",
  address: "12 Elm Street\nSpringfield, IL 62701",
};

test("redact() takes names, addresses, phone numbers and e-mail addresses out of a text", () => {
  const text =
    "Photo by Jane Q. Doe-Smith (jane). Write JANE@doe.example, other@else.example or call +1 212 555 0101, (212) 555-0199. 12 Elm Street";
  assert.equal(
    redact(text, jane),
    `Photo by ${REDACTED} (${REDACTED}). Write ${REDACTED}, ${REDACTED} or call ${REDACTED}, ${REDACTED}. ${REDACTED}`,
  );
});

test("redact() leaves versions, dates and longer words as they are", () => {
  const text = "Service Pack 2, 5.1.2600.2180, KB835935 of 2004-08-06; Janes and Doebler";
  assert.equal(redact(text, jane), text);
});

test("publicOrganization() names a company and not a person", () => {
  assert.equal(publicOrganization("Example Software, Inc.", jane), "Example Software, Inc.");
  assert.equal(publicOrganization("Jane Doe", jane), null);
  assert.equal(publicOrganization("", jane), null);
});

test("redact() leaves no generated name, e-mail address or phone number in a text, whatever stands around it", () => {
  const letters = fc.string({
    unit: fc.constantFrom(...Array.from("bcdfgklmprstvwxzßéñłжщ漢字")),
    minLength: 4,
    maxLength: 12,
  });
  const special = fc.constantFrom("", ".", "*", "(", "[a-z]", "$&", "\\", "-", "|");
  const names = fc.tuple(letters, special, letters).map(([first, middle, last]) => `${first} ${middle}${last}`);
  const fillers = fc.string({ unit: fc.constantFrom(" ", ",", ".", "a", "!", "\n") });
  fc.assert(
    fc.property(
      names,
      letters,
      fc.stringMatching(/^\+[1-9][0-9]{9,12}$/),
      fillers,
      fillers,
      (name, mailbox, phone, before, after) => {
        const personal: PersonalData = { name, signature: name, email: `${mailbox}@mail.example`, phone, address: "" };
        const shown = redact(`${before} ${name} ${after} ${personal.email} ${before} ${phone} ${after}`, personal);
        for (const secret of [name, personal.email, phone]) assert.ok(!shown.includes(secret), `${secret} in ${shown}`);
      },
    ),
  );
});
