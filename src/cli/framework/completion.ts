// Completion scripts, from the declarations. They are static texts: completing never starts upswarm, so a press of Tab
// costs nothing.

import { bashScript } from "./completion-bash.ts";
import { fishScript } from "./completion-fish.ts";
import { zshScript } from "./completion-zsh.ts";
import type { Program } from "../context.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export function completionScript(shell: Shell, program: Program): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](program);
}
