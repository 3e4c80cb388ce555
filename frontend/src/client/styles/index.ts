import { base } from "./base";
import { composer } from "./composer";
import { layout } from "./layout";
import { problems } from "./problems";

/** The stylesheets of the first paint, adopted by the one shadow root; parts that come later bring their own. */
export const sheets = [base, layout, composer, problems];
