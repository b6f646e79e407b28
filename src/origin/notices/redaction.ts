// What of a notice the public may read. Names of persons, addresses, phone numbers, e-mail addresses and signatures are
// taken out of the free texts too, wherever the sender wrote them; what anybody wrote as an e-mail address or phone number
// goes with them. It cannot know whom else a text names: the form says that the description of the work is published.

export const REDACTED = "[redacted]";

export interface PersonalData {
  readonly name: string;
  readonly signature: string;
  readonly email: string;
  readonly phone: string;
  readonly address: string;
}

/** Words of a name that are shorter say nothing by themselves, and would take half a text with them. */
const WORD_LENGTH_MIN = 3;

const contactPatterns: readonly RegExp[] = [
  // All of it where more than one @ stands in it: what is left would be half of an address.
  /[^\s@<>()",;:]+(?:@[^\s@<>()",;:]+)+/gu,
  /\+\d[\d\s().-]{6,}\d/gu,
  /\(\d{3}\)\s*\d{3}[-. ]\d{4}|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b/gu,
];

export function redact(text: string, personal: PersonalData): string {
  let shown = text;
  for (const value of valuesOf(personal)) shown = shown.replaceAll(asWords(value), REDACTED);
  for (const pattern of contactPatterns) shown = shown.replaceAll(pattern, REDACTED);
  return shown;
}

/** An organization is named; one that is called like the person is that person. */
export function publicOrganization(organization: string, personal: PersonalData): string | null {
  const isPerson = organization === "" || redact(organization, personal).includes(REDACTED);
  return isPerson ? null : organization;
}

function valuesOf({ name, signature, email, phone, address }: PersonalData): readonly string[] {
  const whole = [name, signature, email, phone, address, ...address.split("\n")];
  const words = [name, signature].flatMap((text) => text.split(/[\s,.]+/u));
  return [...whole, ...words.filter((word) => word.length >= WORD_LENGTH_MIN)]
    .map((value) => value.trim())
    .filter((value) => value.length > 1)
    .sort((a, b) => b.length - a.length);
}

/** Anywhere, in any case, but not inside a longer word. */
function asWords(value: string): RegExp {
  const escaped = value.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\p{L}\p{N}])${escaped}(?![\p{L}\p{N}])`, "giu");
}
