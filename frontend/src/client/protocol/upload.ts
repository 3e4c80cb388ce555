import type { Attachment, ComposerOption, CustomApiConfig } from "@openai/chatkit";
import type { ApiClient } from "./api";

export type Strategy = NonNullable<CustomApiConfig["uploadStrategy"]>;
type Option = NonNullable<ComposerOption["attachments"]>;
/** Why a file is not taken. */
export type Refusal = "type" | "tooLarge" | "count";
type Progress = (part: number) => void;

/** ChatKit's own limit where a page sets none. */
const MOST_BYTES = 100 * 1024 * 1024;

/** Why a file may not be uploaded; null when it may. */
export function refusalOf(file: File, option: Option): Refusal | null {
  const { name, type, size } = file;
  const group = `${type.split("/")[0]}/*`;
  const { accept, maxSize } = option;
  if (accept && !Object.entries(accept).some(([mime, endings]) => mime === typeOf(file, option) || mime === group || endings.some((ending) => name.toLowerCase().endsWith(ending)))) {
    return "type";
  }
  const most = typeof maxSize === "object" ? (maxSize[type] ?? maxSize[group] ?? maxSize["*"] ?? maxSize[""]) : maxSize;
  return size > (most ?? MOST_BYTES) ? "tooLarge" : null;
}

/** The type of a file; by its ending where the system does not know it, or calls it by another name. */
export function typeOf(file: File, option: Pick<Option, "accept">): string {
  const accept = Object.entries(option.accept ?? {});
  if (!accept.length || accept.some(([mime]) => mime === file.type)) return file.type;
  const byEnding = accept.find(([mime, endings]) => !mime.endsWith("*") && endings.some((ending) => file.name.toLowerCase().endsWith(ending)));
  return byEnding?.[0] ?? file.type;
}

/** Brings files to the server in the way that the page names. */
export class Uploader {
  constructor(
    private readonly api: ApiClient,
    private readonly option: Pick<Option, "accept">,
  ) {}

  async upload(file: File, strategy: Strategy, onProgress: Progress, signal: AbortSignal): Promise<Attachment> {
    const mime_type = typeOf(file, this.option) || "application/octet-stream";
    if (strategy.type === "direct") {
      const form = new FormData();
      form.append("file", new File([file], file.name, { type: mime_type }));
      return this.api.postForm(strategy.uploadUrl, form, signal);
    }
    const { name, size } = file;
    const { reply } = await this.api.call("attachments.create", { name, size, mime_type }, signal);
    const { upload_descriptor: to, ...attachment } = reply;
    if (to) await put(to, file, onProgress, signal);
    return attachment;
  }
}

/** Sends a file to a link. Not by fetch, which tells no progress. */
function put(to: { url: string; method: string; headers?: Record<string, string> }, file: File, onProgress: Progress, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(to.method, to.url);
    for (const [name, value] of Object.entries(to.headers ?? {})) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () => (request.status < 300 ? resolve() : reject(new Error(`The upload was answered with ${request.status}.`)));
    request.onerror = () => reject(new Error("The upload broke off."));
    signal.addEventListener("abort", () => {
      request.abort();
      reject(new DOMException("", "AbortError"));
    });
    request.send(file);
  });
}
