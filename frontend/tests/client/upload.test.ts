import { describe, expect, it } from "vitest";
import { refusalOf, typeOf } from "../../src/client/protocol/upload";

const file = (name: string, type: string, size = 1) => new File(["x".repeat(size)], name, { type });
const accept = { "application/pdf": [".pdf"], "image/*": [".png", ".jpg"], "text/markdown": [".md"] };

describe("which files may be uploaded", () => {
  it("takes what is named by type, by group or by ending", () => {
    for (const given of [file("a.pdf", "application/pdf"), file("a.png", "image/png"), file("A.MD", "")]) {
      expect(refusalOf(given, { enabled: true, accept })).toBeNull();
    }
    expect(refusalOf(file("a.exe", "application/x-msdownload"), { enabled: true, accept })).toBe("type");
    expect(refusalOf(file("a.exe", "application/x-msdownload"), { enabled: true })).toBeNull();
  });

  it("holds the size of the type, of its group, or of all", () => {
    expect(refusalOf(file("a.png", "image/png", 3), { enabled: true, maxSize: 2 })).toBe("tooLarge");
    const maxSize = { "image/png": 1, "image/*": 2, "*": 3 };
    expect(refusalOf(file("a.png", "image/png", 2), { enabled: true, maxSize })).toBe("tooLarge");
    expect(refusalOf(file("a.jpg", "image/jpeg", 2), { enabled: true, maxSize })).toBeNull();
    expect(refusalOf(file("a.txt", "text/plain", 4), { enabled: true, maxSize })).toBe("tooLarge");
  });

  it("knows a type by its ending where the system does not", () => {
    expect(typeOf(file("a.md", ""), { accept })).toBe("text/markdown");
    expect(typeOf(file("a.png", "image/png"), { accept })).toBe("image/png");
    expect(typeOf(file("a.zip", "application/zip"), {})).toBe("application/zip");
  });
});
