import type { StringKey } from "../i18n/en";

/** What ChatKit's servers take, best first. */
const FORMATS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
/** Enough for speech, and little enough that the longest recording fits into one request. */
const BITS_PER_SECOND = 32_000;

/** Why nothing can be recorded; the key is that of a sentence for the reader. */
export class MicrophoneError extends Error {
  override readonly name = "MicrophoneError";

  constructor(readonly key: StringKey) {
    super(key);
  }
}

/** What a microphone hears, from `start` until `stop` or `cancel`; either lets go of the microphone. */
export class Recording {
  private readonly parts: Blob[] = [];

  private constructor(
    private readonly stream: MediaStream,
    private readonly recorder: MediaRecorder,
    readonly mimeType: string,
  ) {
    recorder.addEventListener("dataavailable", ({ data }) => data.size && this.parts.push(data));
  }

  /** Asks for the microphone. Rejects with a MicrophoneError. */
  static async start(): Promise<Recording> {
    const mimeType = typeof MediaRecorder === "undefined" ? undefined : FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    // Pages without https have no devices at all.
    if (!mimeType || !navigator.mediaDevices) throw new MicrophoneError("dictation.unsupported");
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      throw new MicrophoneError(name === "NotAllowedError" || name === "SecurityError" ? "dictation.denied" : "dictation.noMicrophone");
    }
    const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
    recorder.start();
    return new Recording(stream, recorder, mimeType);
  }

  async stop(): Promise<Blob> {
    const stopped = new Promise((resolve) => this.recorder.addEventListener("stop", resolve, { once: true }));
    this.cancel();
    await stopped;
    return new Blob(this.parts, { type: this.mimeType });
  }

  cancel() {
    if (this.recorder.state !== "inactive") this.recorder.stop();
    for (const track of this.stream.getTracks()) track.stop();
  }
}

export async function toBase64(blob: Blob): Promise<string> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(blob);
  });
  return url.slice(url.indexOf(",") + 1);
}
