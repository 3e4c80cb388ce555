import { containers } from "./containers";
import { controls } from "./controls";
import { display } from "./display";
import { pickers } from "./pickers";

/** The stylesheets of widgets; they join those of the surface with the first one. */
export const sheets = [containers, display, controls, pickers];
