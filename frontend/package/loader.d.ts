/**
 * What a page of the platform offers to its own scripts: `window.chatplatform` for plain ones, and what a module gets from
 *
 *     import { chatplatform } from "/static/chatkit/loader.js";
 */
import type { OpenAIChatKit } from "@openai/chatkit";

/** What it returns, or resolves to, is the tool's result. */
export type ClientTool = (params: Record<string, unknown>) => unknown;

export interface ClientToolOptions {
  /** What the reader is asked before the tool runs, in a sentence: "Read your cart". Without it nobody is asked. */
  permission?: string;
  /** Until the assistant is told that the tool did not answer; 30 seconds by default. */
  timeoutMs?: number;
}

export interface ChatPlatform {
  registerClientTool: (name: string, tool: ClientTool, options?: ClientToolOptions) => void;
  /** Calls the function for each effect of that name that the assistant wants on this page. */
  onEffect: (name: string, run: (data: Record<string, unknown>) => void) => void;
  /** Calls the function at once. Scripts that run before the loader push to a list of that name. */
  push: (use: (platform: ChatPlatform) => void) => void;
  /** Resolves when the chat is ready, to its element. */
  ready: Promise<OpenAIChatKit>;
}

/** Undefined on a page without a chat. */
export declare const chatplatform: ChatPlatform | undefined;

declare global {
  interface Window {
    chatplatform?: ChatPlatform | ((platform: ChatPlatform) => void)[];
  }
}
