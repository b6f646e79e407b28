// What a notice (17 U.S.C. 512(c)(3)(A)) and a counter-notice (512(g)(3)) have to hold, as words for people. The statements
// are what the sender of a form or of the API agrees to; they are shown wherever one is asked for.

export const noticeElements = {
  signature: "a signature of a person who may act for the owner of the right (i)",
  work: "which work is infringed (ii)",
  material: "which release of this site infringes it, so that it can be found (iii)",
  contact: "how to reach the sender: a name, and an e-mail address, phone number or postal address (iv)",
  "good-faith": "a statement of good-faith belief that the use is not authorized (v)",
  accuracy:
    "a statement that the notice is accurate and, under penalty of perjury, that the sender may act for the owner (vi)",
} as const;

export const counterElements = {
  signature: "a signature (A)",
  material: "what was removed, and where it was before (B)",
  mistake:
    "a statement under penalty of perjury of good-faith belief that it was removed by mistake or misidentification (C)",
  contact:
    "name, address and phone number, and consent to the jurisdiction of the Federal District Court and to service of process (D)",
} as const;

export type NoticeElement = keyof typeof noticeElements;
export type CounterElement = keyof typeof counterElements;

export const allNoticeElements: readonly NoticeElement[] = Object.keys(noticeElements) as NoticeElement[];
export const allCounterElements: readonly CounterElement[] = Object.keys(counterElements) as CounterElement[];

export function isNoticeElement(word: string): word is NoticeElement {
  return Object.hasOwn(noticeElements, word);
}

export function isCounterElement(word: string): word is CounterElement {
  return Object.hasOwn(counterElements, word);
}

export const statements = {
  goodFaith:
    "I have a good faith belief that use of the material in the manner complained of is not authorized by the copyright owner, its agent, or the law.",
  accuracy:
    "The information in this notice is accurate, and under penalty of perjury, I am authorized to act on behalf of the owner of an exclusive right that is allegedly infringed.",
  mistake:
    "Under penalty of perjury, I have a good faith belief that the material was removed or disabled as a result of mistake or misidentification of the material to be removed or disabled.",
  consent:
    "I consent to the jurisdiction of the Federal District Court for the judicial district in which my address is located, or, if my address is outside of the United States, for any judicial district in which the operator of this site may be found, and I will accept service of process from the person who sent the notice or an agent of such person.",
} as const;
