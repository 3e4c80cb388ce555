/** The types of the package are written by hand; the compiler holds them to what it really exports. */
import { expectTypeOf, it } from "vitest";
import type * as page from "../../package/loader";
import type * as published from "../../package/index";
import type * as own from "../../src/client";
import type * as loader from "../../src/loader";

it("publishes the types that it has", () => {
  expectTypeOf<typeof loader.chatplatform>().toEqualTypeOf<typeof page.chatplatform>();
  expectTypeOf<InstanceType<typeof own.ChatKitElement>>().toExtend<published.ChatKitElement>();
});
