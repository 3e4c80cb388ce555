/** The types of the package are written by hand; the compiler holds them to what it really exports. */
import { expectTypeOf, it } from "vitest";
import type * as published from "../../package/index";
import type * as own from "../../src/client";

it("publishes the types that it has", () => {
  expectTypeOf<published.OpenOptions>().toEqualTypeOf<own.OpenOptions>();
  expectTypeOf<published.OpenEvents>().toEqualTypeOf<own.OpenEvents>();
  expectTypeOf<InstanceType<typeof own.ChatKitElement>>().toExtend<published.ChatKitElement>();
});
