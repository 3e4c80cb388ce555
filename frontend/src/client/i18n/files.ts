/** The strings of uploading, which come with its chunk. `{name}` marks a value. */
const words = {
  en: {
    uploading: "Uploading {name}",
    type: "{name}: files of this kind are not accepted.",
    tooLarge: "{name} is too large.",
    count: "At most {name} files.",
    failed: "{name} could not be uploaded.",
  },
  de: {
    uploading: "{name} wird hochgeladen",
    type: "{name}: Dateien dieser Art werden nicht angenommen.",
    tooLarge: "{name} ist zu groß.",
    count: "Höchstens {name} Dateien.",
    failed: "{name} konnte nicht hochgeladen werden.",
  },
};

export type FileKey = keyof (typeof words)["en"];

/** A sentence about a file, in the language of the surface. */
export function fileWords(locale: string, key: FileKey, name: string | number): string {
  const table = locale.startsWith("de") ? words.de : words.en;
  return table[key].replace("{name}", () => String(name));
}
