// What can happen in a simulation: the kinds of its events.

export const Kind = {
  tick: 0,
  sent: 1,
  arrived: 2,
  delivered: 3,
  checked: 4,
  have: 5,
  flushHaves: 6,
  haves: 7,
  interested: 8,
  choke: 9,
  request: 10,
  cancel: 11,
  reject: 12,
  unlink: 13,
  call: 14,
  suggest: 15,
  entered: 16,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];
