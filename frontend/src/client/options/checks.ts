/** Small composable checks of plain values. Each throws an OptionsError that names the offending key. */

export class OptionsError extends Error {
  override readonly name = "OptionsError";

  constructor(
    message: string,
    readonly path: string,
  ) {
    super(message);
  }
}

export type Check = (value: unknown, path: string) => void;

function fail(path: string, expected: string): never {
  throw new OptionsError(`Invalid input at ${path || "options"}: expected ${expected}`, path);
}

const is = (expected: string, test: (value: unknown) => boolean): Check => (value, path) => {
  if (!test(value)) fail(path, expected);
};

export const string = is("a string", (value) => typeof value === "string");
export const filledString = is("a non-empty string", (value) => typeof value === "string" && value !== "");
export const boolean = is("true or false", (value) => typeof value === "boolean");
export const func = is("a function", (value) => typeof value === "function");
export const anything: Check = () => undefined;

export const number = (min = -Infinity, max = Infinity) =>
  is(
    Number.isFinite(min) ? `a number from ${min} to ${max}` : "a number",
    (value) => typeof value === "number" && value >= min && value <= max,
  );

export const oneOf = (...allowed: (string | number)[]) =>
  is(`one of ${allowed.join(", ")}`, (value) => allowed.includes(value as string | number));

export const nullable =
  (check: Check): Check =>
  (value, path) => {
    if (value !== null) check(value, path);
  };

/** Passes when one of the checks does; otherwise the message is that of the one that came farthest. */
export const either =
  (...checks: Check[]): Check =>
  (value, path) => {
    let farthest: OptionsError | undefined;
    for (const check of checks) {
      try {
        return check(value, path);
      } catch (error) {
        if (!(error instanceof OptionsError)) throw error;
        if (!farthest || error.path.length > farthest.path.length) farthest = error;
      }
    }
    throw farthest;
  };

export const arrayOf =
  (check: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) fail(path, "an array");
    (value as unknown[]).forEach((entry, index) => check(entry, `${path}[${index}]`));
  };

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const recordOf =
  (check: Check): Check =>
  (value, path) => {
    if (!isPlain(value)) fail(path, "an object");
    for (const [key, entry] of Object.entries(value)) check(entry, `${path}.${key}`);
  };

/** An object with no other keys than these. Keys in `required` must be there. */
export const object =
  (shape: Record<string, Check>, required: string[] = []): Check =>
  (value, path) => {
    if (!isPlain(value)) fail(path, "an object");
    const at = (key: string) => (path ? `${path}.${key}` : key);
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(shape, key)) {
        throw new OptionsError(`Unrecognized key "${key}"${path ? ` at ${path}` : ""}`, path);
      }
    }
    for (const key of required) if (value[key] === undefined) fail(at(key), "a value");
    for (const [key, check] of Object.entries(shape)) {
      if (value[key] !== undefined) check(value[key], at(key));
    }
  };

/** One of several objects, told apart by their key `type`. */
export const tagged =
  (shapes: Record<string, Check>): Check =>
  (value, path) => {
    if (!isPlain(value)) fail(path, "an object");
    const { type } = value;
    oneOf(...Object.keys(shapes))(type, `${path}.type`);
    shapes[type as string]?.(value, path);
  };
