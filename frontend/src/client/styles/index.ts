import { base } from "./base";
import { composer } from "./composer";
import { forms } from "./forms";
import { history } from "./history";
import { layout } from "./layout";
import { markdown } from "./markdown";
import { messages } from "./messages";
import { workflow } from "./workflow";

/** Every stylesheet of the surface, adopted by its one shadow root. */
export const sheets = [base, layout, composer, messages, markdown, workflow, forms, history];
